// While one writes, the server checks the text and draws its steps: mistakes stand in the text and below it.

import { linter } from "@codemirror/lint";
import { showHere } from "./graph.js";
import { offsetOf } from "./places.js";

const PAUSE = 400; // milliseconds without a key

/** Return an extension that asks the address what is wrong. */
export function checking(address) {
  return linter((view) => check(view, address), { delay: PAUSE });
}

async function check(view, address) {
  const { doc } = view.state;
  let found;
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ text: doc.toString() }) });
    if (!answer.ok) return [];
    found = await answer.json();
  } catch {
    return []; // no network: saving will say so
  }
  if (view.state.doc !== doc) return [];
  show(view, found);
  return found.mistakes.map((mistake) => diagnostic(doc, mistake));
}

function diagnostic(doc, { line, column, message, warning }) {
  const from = offsetOf(doc, line, column);
  const rest = doc.sliceString(from, doc.lineAt(from).to);
  const word = /^[^\s:,{}[\]]+/.exec(rest)?.[0] ?? rest;
  return { from, to: from + word.length, message, severity: warning ? "warning" : "error" };
}

function show(view, found) {
  replace("[data-mistakes]", found.list);
  if (found.graph !== null) replace("[data-graph]", found.graph);
  const stale = document.querySelector("[data-stale]");
  if (stale) stale.hidden = found.graph !== null;
  showHere(view);
}

/** Put the server's HTML in a place, unless that is what stands there; what was open stays open. */
function replace(place, html) {
  const element = document.querySelector(place);
  if (!element || element.kept === html) return;
  const open = element.querySelector("details")?.open;
  element.kept = html;
  element.innerHTML = html;
  const details = element.querySelector("details");
  if (details && open !== undefined) details.open = open;
}
