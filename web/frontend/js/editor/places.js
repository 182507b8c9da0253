// The server counts lines and columns from 1, in characters; the editor counts from 0, in UTF-16.

import { EditorView } from "@codemirror/view";

/** Return the offset of a line and column; what is beyond the text is its end. */
export function offsetOf(doc, line, column) {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const before = Array.from(found.text).slice(0, column - 1).join("");
  return found.from + before.length;
}

/** Return the line and column of an offset. */
export function placeOf(doc, offset) {
  const found = doc.lineAt(offset);
  return { line: found.number, column: Array.from(found.text.slice(0, offset - found.from)).length + 1 };
}

/** Put the cursor there, in sight. */
export function goTo(view, line, column = 1) {
  const anchor = offsetOf(view.state.doc, line, column);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}
