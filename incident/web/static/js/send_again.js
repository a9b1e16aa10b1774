/* Sends the form again after some seconds when many people are reporting: whoever watches need not, and nobody waits in
   step with the others. */
const LEAST = 2000;
const MORE = 4000;

const shown = document.querySelector("#again");
if (shown) {
  const form = shown.closest("form");
  shown.hidden = false;
  setTimeout(() => form.requestSubmit(form.querySelector("button[value=send]")), LEAST + Math.random() * MORE);
}
