// The editor of a condition ([data-condition]): what is typed now counts, and not what was asked a moment ago.

let edited = null;

document.addEventListener("input", ({ target }) => {
  edited = target;
  target.closest?.("[data-condition] form")?.dispatchEvent(new Event("htmx:abort"));
});

// A control that was touched keeps its own state when the page around it changes: set all but the one where somebody
// writes to what the server says.
document.addEventListener("htmx:after:swap", () => {
  for (const control of document.querySelectorAll("[data-condition] :is(input, select, textarea)")) {
    if (control !== edited || !control.matches(":focus")) restore(control);
  }
});

function restore(control) {
  if (control.type === "checkbox") {
    control.checked = control.defaultChecked;
  } else if (control.options) {
    for (const option of control.options) if (option.defaultSelected) option.selected = true;
  } else if (control.value !== control.defaultValue) {
    control.value = control.defaultValue;
  }
}
