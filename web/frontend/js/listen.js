// While somebody listens: <b data-countdown="seconds"> counts down, and what the page says in data-said of the part
// that changes by itself is told to those who do not see it.

import { announce } from "./announce.js";

const ends = new WeakMap(); // when each countdown is over, by the browser's own clock: the server's may differ
let heard = document.querySelector("[data-said]")?.dataset.said;

function countDown() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    if (!ends.has(element)) ends.set(element, performance.now() + Number(element.dataset.countdown) * 1000);
    const left = Math.max(0, Math.ceil((ends.get(element) - performance.now()) / 1000));
    element.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }
}

function tell() {
  const said = document.querySelector("[data-said]")?.dataset.said;
  if (said && said !== heard) {
    announce(said);
    document.body.dispatchEvent(new Event("sample")); // for parts that know the fields of samples
  }
  heard = said;
}

countDown();
setInterval(countDown, 1000);
document.addEventListener("htmx:after:swap", () => {
  countDown();
  tell();
});
