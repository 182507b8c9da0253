// <button command="show-modal" commandfor="id">, for the browsers that do not know it yet.

const COMMANDS = { "show-modal": "showModal", close: "close" };

if (!("command" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    dialog?.[COMMANDS[button.getAttribute("command")]]?.();
  });
}
