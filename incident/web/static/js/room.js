/* The page of one incident: a button that leads to a folded form opens it, and the form takes the focus. */
const FIELDS = "input:not([type=hidden]), textarea, select";

function open(element) {
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  element.scrollIntoView({ block: "start" });
  const field = element.querySelector("[required]:not([type=radio])") ?? element.querySelector(FIELDS);
  (field ?? element).focus({ preventScroll: true });
}

document.addEventListener("click", (click) => {
  const link = click.target.closest("a[data-opens]");
  const target = link && document.getElementById(link.dataset.opens);
  if (!target || click.ctrlKey || click.metaKey || click.shiftKey) return;
  click.preventDefault();
  open(target);
});

function openNamed() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.closest("details")) open(target, false);
}

/* What a fold shows on demand is loaded when it is opened, and again when there is news while it is open. */
const loadIn = (fold) => {
  for (const part of fold.querySelectorAll("[data-on-demand]")) htmx.trigger(part, "wanted");
};
document.addEventListener("toggle", ({ target }) => target.open && loadIn(target), true);
document.addEventListener("news", () => {
  for (const fold of document.querySelectorAll("details[open]:has(> [data-on-demand])")) loadIn(fold);
});

/* A form that is being filled in keeps what its reader saw, whatever happens meanwhile: the page is live, and a newer
   state would overwrite what somebody else has changed. */
document.addEventListener("input", (typed) => {
  typed.target.form?.querySelector("[name=seen], [name=version], [name=task_version]")?.setAttribute("hx-morph-skip", "");
});

