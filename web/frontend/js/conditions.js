// The editor of a condition ([data-condition]): what is typed now counts, and not what was asked a moment ago.

import { announce } from "./announce.js";

let edited = null;
let read = true; // whether the server has read what was typed last
let waiting = null; // the button of the page's own form, which was pressed before that

document.addEventListener("input", ({ target }) => {
  edited = target;
  const form = target.closest?.("[data-condition] form");
  if (!form) return;
  read = false;
  form.dispatchEvent(new Event("htmx:abort"));
});

// The form of the page around it takes the condition along, once it is read and nothing in it is wrong.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "apply" || !document.querySelector("[data-condition]")) return;
  if (!read) {
    event.preventDefault();
    waiting = event.submitter;
  } else if (isUnfinished()) {
    event.preventDefault();
    showMistake();
  }
});

function isUnfinished() {
  return Boolean(document.querySelector("[data-condition=unfinished]"));
}

function showMistake() {
  const wrong = document.querySelector("[data-condition] [aria-invalid]") ?? document.querySelector("#condition-text");
  wrong.focus();
  announce("The condition is not finished: mend what is marked, or remove it.");
}

document.addEventListener("htmx:after:swap", ({ target }) => {
  // Other parts of the page change too, while what is typed here is still on its way to the server.
  if (!target.closest?.("[data-condition]") && target.id !== "condition") return;
  restoreAll();
  read = true;
  const pressed = waiting;
  waiting = null;
  pressed?.click();
});

// A control that was touched keeps its own state when the page around it changes: set all but the one where somebody
// writes to what the server says.
function restoreAll() {
  for (const control of document.querySelectorAll("[data-condition] :is(input, select, textarea)")) {
    if (control !== edited || !control.matches(":focus")) restore(control);
  }
}

function restore(control) {
  if (control.type === "checkbox") {
    control.checked = control.defaultChecked;
  } else if (control.options) {
    for (const option of control.options) if (option.defaultSelected) option.selected = true;
  } else if (control.value !== control.defaultValue) {
    control.value = control.defaultValue;
  }
}
