/** Say something to those who do not see the page change, when they have heard the rest. */
export function announce(text) {
  const place = document.querySelector("[data-announcements]");
  if (place) place.textContent = text;
}
