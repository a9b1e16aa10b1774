/* Keys and selection of the list of incidents. The page works without: checkboxes, links and forms are plain. */
const KEY = "incident-keys";
const list = () => document.getElementById("list");
const bar = document.getElementById("bulk");
const help = document.getElementById("keys");
const toggle = document.getElementById("keys-on");
const news = document.getElementById("list-news");
const chosen = new Set();
let last = null;

const rows = () => [...(list()?.querySelectorAll("tbody tr") ?? [])];
const link = (row) => row.querySelector(".main a");
const box = (row) => row.querySelector("input[name=numbers]");
const boxes = () => [...(list()?.querySelectorAll("input[name=numbers]") ?? [])];
const isOn = () => localStorage.getItem(KEY) !== "off";
const isTyping = (element) => element && (element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) || (element.tagName === "INPUT" && element.type !== "checkbox"));

function say(words) {
  if (news) news.textContent = words;
}

function count() {
  const picked = boxes().filter((one) => one.checked);
  chosen.clear();
  picked.forEach((one) => chosen.add(one.value));
  const words = document.getElementById("bulk-count");
  if (words) words.textContent = words.dataset.words.replace("%", picked.length);
  const all = document.getElementById("pick-all");
  if (all) {
    all.checked = picked.length > 0 && picked.length === boxes().length;
    all.indeterminate = picked.length > 0 && !all.checked;
  }
  say(words ? words.textContent : "");
}

document.addEventListener("click", (click) => {
  const one = click.target;
  if (one.id === "pick-all") {
    boxes().forEach((other) => (other.checked = one.checked));
    count();
  } else if (one.name === "numbers") {
    const all = boxes();
    const from = all.findIndex((other) => other.value === last);
    const to = all.indexOf(one);
    if (click.shiftKey && from >= 0) all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => (other.checked = one.checked));
    last = one.value;
    count();
  }
});

document.addEventListener("htmx:after:swap", () => {
  boxes().forEach((one) => (one.checked = chosen.has(one.value)));
  if (bar) count();
});

function move(step) {
  const all = rows();
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step))];
  if (next) link(next).focus();
}

document.addEventListener("keydown", (key) => {
  if (!isOn() || key.ctrlKey || key.metaKey || key.altKey || isTyping(key.target)) return;
  if (key.key === "j" || key.key === "k") move(key.key === "j" ? 1 : -1);
  else if (key.key === "x") {
    const here = rows().find((row) => row.contains(document.activeElement));
    const one = here && box(here);
    if (!one) return;
    one.checked = !one.checked;
    last = one.value;
    count();
  } else if (key.key === "?") {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  } else return;
  key.preventDefault();
});

if (toggle) {
  toggle.checked = isOn();
  toggle.addEventListener("change", () => localStorage.setItem(KEY, toggle.checked ? "on" : "off"));
}
document.querySelectorAll(".needs-script").forEach((one) => (one.hidden = false));
if (bar) count();
