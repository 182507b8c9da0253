// <time datetime> shows the reader's own time; its title keeps the time in UTC that the server wrote.

const two = (number) => String(number).padStart(2, "0");

/** Return a moment as 2026-01-02 03:04:05, in the browser's time zone: it sorts and lines up in a column. */
export function local(moment) {
  const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  return `${day} ${[moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(":")}`;
}

function showLocal() {
  for (const element of document.querySelectorAll("time[datetime]:not([data-local])")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    element.textContent = local(moment);
    element.toggleAttribute("data-local", true);
  }
}

showLocal();
document.addEventListener("htmx:after:swap", showLocal);
