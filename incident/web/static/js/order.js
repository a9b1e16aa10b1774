/* A list that is put in order: by dragging the handle of an item, or by the arrow keys on it.
   With data-order="ID" the form ID sends the move; without, the order of the fields in the page is what is sent. */
const WAIT = 500; // ms after the last arrow key, before the move is sent
let dragged = null;
let waiting;

const handles = document.querySelectorAll("[data-order] .handle");
handles.forEach((handle) => (handle.hidden = false));
document.querySelector("[data-moved]")?.focus();

document.addEventListener("pointerdown", (press) => {
  const handle = press.target.closest("[data-order] .handle");
  if (!handle) return;
  dragged = itemOf(handle);
  dragged.classList.add("is-dragged");
  handle.setPointerCapture(press.pointerId);
});

document.addEventListener("pointermove", (move) => {
  if (!dragged) return;
  const under = [...dragged.parentElement.children].find((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return one !== dragged && move.clientY >= top && move.clientY <= bottom;
  });
  if (!under) return;
  const { top, height } = under.getBoundingClientRect();
  if (move.clientY > top + height / 2) under.after(dragged);
  else under.before(dragged);
});

for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    if (!dragged) return;
    dragged.classList.remove("is-dragged");
    send(dragged);
    dragged = null;
  });
}

document.addEventListener("keydown", (key) => {
  const handle = key.target.closest?.("[data-order] .handle");
  if (!handle || (key.key !== "ArrowUp" && key.key !== "ArrowDown")) return;
  key.preventDefault();
  const item = itemOf(handle);
  if (key.key === "ArrowUp") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  handle.focus();
  clearTimeout(waiting);
  waiting = setTimeout(() => send(item), WAIT);
});

function itemOf(handle) {
  return handle.closest("[data-order] > *");
}

function send(item) {
  const list = item.parentElement;
  const to = [...list.children].indexOf(item);
  list.dispatchEvent(new Event("change", { bubbles: true }));
  const form = document.getElementById(list.dataset.order);
  if (!form || Number(item.dataset.place) === to) return;
  form.elements.rule.value = item.dataset.place;
  form.elements.to.value = to;
  form.requestSubmit();
}
