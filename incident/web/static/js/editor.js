/* The editor of playbooks: line numbers, marks at faulty lines, a graph that follows, and typed text that is not lost. */
const area = document.getElementById("document");
const gutter = document.querySelector(".gutter");
const graph = document.getElementById("graph");
const key = `draft ${location.pathname}`;

/* ---------------------------------------------------------------- line numbers */
function faulty() {
  return new Set([...document.querySelectorAll("[data-fault]")].map((one) => Number(one.dataset.fault)));
}

function number() {
  const count = area.value.split("\n").length;
  const marked = faulty();
  const lines = [];
  for (let line = 1; line <= count; line += 1) {
    const cell = document.createElement("div");
    cell.textContent = line;
    if (marked.has(line)) cell.className = "is-faulty";
    lines.push(cell);
  }
  gutter.replaceChildren(...lines);
  follow();
}

function follow() {
  gutter.scrollTop = area.scrollTop;
}

function goTo(line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  area.scrollTop = Math.max(0, (line - 8) * parseFloat(getComputedStyle(area).lineHeight));
  area.scrollLeft = 0;
}

document.addEventListener("click", (click) => {
  const link = click.target.closest("[data-line]");
  if (!link) return;
  click.preventDefault();
  goTo(Number(link.dataset.line));
});

/* ---------------------------------------------------------------- the graph follows the text while it has no faults */
function checkedNow() {
  const found = document.getElementById("checked-picture");
  if (found && graph.dataset.picture !== found.dataset.picture) {
    graph.dataset.picture = found.dataset.picture;
    delete graph.way; // another text may be better laid out another way
    graph.closest("details").dispatchEvent(new Event("toggle"));
  }
  number();
}
document.addEventListener("htmx:after:swap", checkedNow);

/* ---------------------------------------------------------------- typed text stays in this tab until it is saved */
const saved = area.value;

function keep() {
  if (area.value === saved) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, JSON.stringify({ base: area.dataset.base, text: area.value }));
}

function putBack() {
  const draft = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!draft || draft.base !== area.dataset.base || draft.text === saved) return;
  area.value = draft.text;
  document.getElementById("draft").hidden = false;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.getElementById("draft-drop").addEventListener("click", () => {
  area.value = saved;
  sessionStorage.removeItem(key);
  document.getElementById("draft").hidden = true;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});

area.addEventListener("input", () => {
  number();
  keep();
});
area.addEventListener("scroll", follow);
number();
addEventListener("load", putBack);
