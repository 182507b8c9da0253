// How the editor looks: the colours of the page, so that light and dark need nothing of their own here.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": {
    maxHeight: "min(46rem, 75vh)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--corner)",
    backgroundColor: "var(--surface)",
    color: "var(--text-strong)",
    overflow: "hidden",
  },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: "var(--small)", lineHeight: "1.6" },
  ".cm-content": { minHeight: "16rem", padding: "0.5rem 0", caretColor: "var(--text-strong)" },
  ".cm-cursor": { borderLeftColor: "var(--text-strong)", borderLeftWidth: "2px" },
  ".cm-gutters": { border: "0", backgroundColor: "var(--sunken)", color: "var(--text-quiet)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklch, var(--accent) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--accent-soft)", color: "var(--text-strong)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklch, var(--accent) 28%, transparent)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", color: "inherit" },
  ".cm-foldPlaceholder": { border: "0", backgroundColor: "var(--quiet-soft)", color: "var(--text-quiet)" },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "var(--corner)",
    backgroundColor: "var(--raised)",
    boxShadow: "var(--shadow-raised)",
    color: "var(--text)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "var(--small)", maxWidth: "min(36rem, 92vw)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.5rem" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.75", fontStyle: "normal", marginLeft: "1rem" },
  ".cm-completionMatchedText": { fontWeight: "700", textDecoration: "none" },
  ".cm-tooltip.cm-completionInfo": { padding: "0.5rem 0.75rem", maxWidth: "min(34rem, 92vw)", whiteSpace: "pre-wrap" },
  ".cm-diagnostic": { padding: "0.4rem 0.75rem", maxWidth: "34rem" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad-solid)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--attention-solid)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad-solid)", textUnderlineOffset: "3px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--attention-solid)", textUnderlineOffset: "3px" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-panel-lint ul [aria-selected], .cm-panel.cm-panel-lint ul:focus [aria-selected]": { backgroundColor: "var(--accent-soft)", color: "inherit" },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--active)" },
  { tag: [tags.comment, tags.meta], color: "var(--text-quiet)", fontStyle: "italic" },
  { tag: [tags.separator, tags.punctuation, tags.bracket, tags.squareBracket, tags.brace], color: "var(--text-quiet)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

export const look = [theme, syntaxHighlighting(colours)];
