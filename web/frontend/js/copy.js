// <button data-copy="id"> copies the field or text with that id, and says so.

import { announce } from "./announce.js";

const SHOWN_FOR = 2000; // milliseconds

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  const copied = await copy(source);
  show(button, copied ? "Copied" : "Press Ctrl+C");
  announce(copied ? `${button.dataset.label} copied` : "Your browser does not let pages copy: press Ctrl+C");
});

async function copy(source) {
  select(source);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    return true;
  } catch {
    // Without https there is no clipboard object, only the old way, which takes what is selected.
    return document.execCommand("copy");
  }
}

function select(source) {
  if (source.select) {
    source.select();
  } else {
    getSelection().selectAllChildren(source);
  }
}

function show(button, text) {
  const words = button.querySelector("[data-words]");
  words.dataset.before ??= words.textContent;
  words.textContent = text;
  button.toggleAttribute("data-done", true);
  clearTimeout(button.reset);
  button.reset = setTimeout(() => {
    words.textContent = words.dataset.before;
    button.toggleAttribute("data-done", false);
  }, SHOWN_FOR);
}
