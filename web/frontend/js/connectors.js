// <form data-filter="id"> shows, below the element with that id, the items that fit what is typed and chosen in the form:
// data-words holds each word of the field q, and data-x is what the list x says. A section without any is not shown;
// the element with the id and "-none" is shown when none does.

const fits = (item, words, chosen) =>
  words.every((word) => item.dataset.words.toLowerCase().includes(word)) &&
  chosen.every(({ name, value }) => !value || item.dataset[name] === value);

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-filter]");
  const list = form && document.getElementById(form.dataset.filter);
  if (!list) return;
  const words = form.elements.q.value.toLowerCase().split(/\s+/);
  const chosen = [...form.querySelectorAll("select")];
  for (const section of list.children) {
    const items = [...section.querySelectorAll("[data-words]")];
    for (const item of items) item.hidden = !fits(item, words, chosen);
    section.hidden = items.every((item) => item.hidden);
  }
  const none = document.getElementById(`${list.id}-none`);
  if (none) none.hidden = [...list.children].some((section) => !section.hidden);
});
