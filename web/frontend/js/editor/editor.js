// <form data-editor> with a textarea named text becomes an editor for workflows: the form works without it too.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { complete } from "./completion.js";
import { checking } from "./drafts.js";
import { followSteps } from "./graph.js";
import { goTo, placeOf } from "./places.js";
import { look } from "./look.js";
import { typeOver } from "./typing.js";

for (const form of document.querySelectorAll("form[data-editor]")) enhance(form);

function enhance(form) {
  const area = form.elements.text;
  const editable = form.hasAttribute("data-editable");
  // In a shadow root the editor's styles are constructed sheets: in the page itself they would be an inline style,
  // which the policy forbids.
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const unsaved = form.hasAttribute("data-dirty"); // what one starts from is not what is saved
  const follow = ({ docChanged, state: now }) => docChanged && editable && tell(form, unsaved || !now.doc.eq(state.doc));
  const state = EditorState.create({
    doc: area.value,
    extensions: [extensions(form, editable), EditorView.updateListener.of(follow)],
  });
  const view = new EditorView({ parent: root, root, state });
  host.toggleAttribute("data-host", true);
  area.before(host);
  area.hidden = true;
  form.querySelector(`label[for="${area.id}"]`)?.addEventListener("click", () => view.focus());
  const kept = `place ${location.pathname}`;
  if (!unsaved) comeBack(view, kept); // else there is something to be read above the text first
  if (editable) tell(form, unsaved);
  form.addEventListener("submit", () => {
    sessionStorage.setItem(kept, view.state.selection.main.head);
    area.value = view.state.doc.toString();
    form.toggleAttribute("data-sent", true);
  });
  addEventListener("beforeunload", (event) => {
    if (form.hasAttribute("data-dirty") && !form.hasAttribute("data-sent")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-at]");
    if (!link) return;
    event.preventDefault();
    goTo(view, ...link.dataset.at.split(":").map(Number));
  });
}

/** After saving, go on where one was. */
function comeBack(view, kept) {
  const place = sessionStorage.getItem(kept);
  sessionStorage.removeItem(kept);
  if (place === null) return;
  const { line, column } = placeOf(view.state.doc, Math.min(Number(place), view.state.doc.length));
  goTo(view, line, column);
}

function extensions(form, editable) {
  return [
    lineNumbers(),
    foldGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of("  "),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    yaml(),
    look,
    followSteps,
    typeOver,
    keymap.of([
      { key: "Mod-s", run: () => save(form), preventDefault: true },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": "Text, in YAML", spellcheck: "false" }),
    editable
      ? [autocompletion({ override: [complete(`${form.action}/completion`)], icons: false }), lintGutter(), checking(`${form.action}/draft`)]
      : [EditorState.readOnly.of(true)],
  ];
}

function save(form) {
  const button = form.querySelector("[data-save]");
  if (!button?.disabled) form.requestSubmit(button);
  return true;
}

/** Say whether there is something to save, and let it be saved only then. */
function tell(form, dirty) {
  form.toggleAttribute("data-dirty", dirty);
  form.querySelector("[data-changed]").hidden = !dirty;
  form.querySelector("[data-unchanged]").hidden = dirty;
  form.querySelector("[data-save]").disabled = !dirty && !form.hasAttribute("data-again");
}
