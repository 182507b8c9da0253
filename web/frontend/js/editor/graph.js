// The picture of the steps shows where the cursor is, and a click in it leads to the step's text.

import { EditorView } from "@codemirror/view";
import { goTo } from "./places.js";

/** Mark the step in which the cursor stands: of all that hold its line, the one with the fewest lines. */
export function showHere(view) {
  const line = view.state.doc.lineAt(view.state.selection.main.head).number;
  let here = [];
  let fewest = Infinity;
  for (const shape of document.querySelectorAll("[data-graph] [data-line]")) {
    shape.toggleAttribute("data-here", false);
    const [first, last] = [Number(shape.dataset.line), Number(shape.dataset.last)];
    if (!first || line < first || line > last || last - first > fewest) continue;
    here = last - first < fewest ? [shape] : [...here, shape];
    fewest = last - first;
  }
  for (const shape of here) shape.toggleAttribute("data-here", true);
  if (here.length) bringIntoSight(here[0]);
}

export const followSteps = [
  EditorView.updateListener.of(({ view, selectionSet, docChanged }) => {
    if (selectionSet && !docChanged) showHere(view);
  }),
  EditorView.domEventHandlers({ focus: (_, view) => showHere(view) }),
];

/** Scroll the picture alone, never the page. */
function bringIntoSight(shape) {
  const box = shape.closest(".drawing");
  if (!box) return;
  const [inner, outer] = [shape.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - box.clientHeight / 3;
  if (inner.left < outer.left || inner.right > outer.right) box.scrollLeft += inner.left - outer.left - 20;
}

document.addEventListener("click", ({ target }) => {
  const shape = target.closest("[data-graph] [data-line]");
  const dom = shape && document.querySelector("[data-host]")?.shadowRoot.querySelector(".cm-editor");
  const view = dom && EditorView.findFromDOM(dom);
  if (view && Number(shape.dataset.line)) goTo(view, Number(shape.dataset.line));
});
