// <input data-filter="id"> shows of the list with that id the items whose data-words hold what is typed;
// the element with the id and "-none" is shown when none does.

document.addEventListener("input", ({ target }) => {
  const list = target.dataset?.filter && document.getElementById(target.dataset.filter);
  if (!list) return;
  const wanted = target.value.trim().toLowerCase();
  for (const item of list.children) item.hidden = !item.dataset.words.toLowerCase().includes(wanted);
  const none = document.getElementById(`${list.id}-none`);
  if (none) none.hidden = [...list.children].some((item) => !item.hidden);
});
