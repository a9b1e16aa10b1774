/* The command palette: Ctrl-K or the search in the frame opens it; what is typed finds things on the server. The
   field keeps the focus (WAI-ARIA combobox), the arrows choose, Enter opens. Without this script, the link leads to the
   page of the search. */
const WAIT = 80;

const palette = document.getElementById("palette");
const field = palette?.querySelector("input");
const list = document.getElementById("palette-list");
const nothing = document.getElementById("palette-nothing");
const away = palette?.querySelector("[data-away]");
const status = palette?.querySelector("[role=status]");
const openers = document.querySelectorAll("[data-palette]");
let turn = 0;
let waiting;

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function find() {
  const mine = ++turn;
  const typed = field.value;
  const answer = await fetch(`${palette.dataset.results}?q=${encodeURIComponent(typed)}`).catch(() => null);
  const found = answer?.ok && !answer.redirected ? await answer.text() : null;
  if (mine !== turn) return;
  away.hidden = found !== null;
  list.innerHTML = found ?? "";
  list.dataset.of = typed;
  const count = list.querySelector("[data-count]"); // no option, so it stands beside the list
  nothing.replaceChildren(...(count ? [count] : []));
  list.hidden = !options().length;
  status.textContent = found === null ? away.textContent : count.dataset.count;
  field.setAttribute("aria-expanded", String(options().length > 0));
  choose(options()[0]);
  list.scrollTop = 0;
}

function open() {
  if (palette.open) return;
  document.querySelectorAll("details.more[open]").forEach((menu) => (menu.open = false));
  palette.showModal();
  field.select();
  find();
}

function close() {
  turn++;
  palette.close();
}

function move(step) {
  const all = options();
  const at = all.indexOf(chosen());
  if (all.length) choose(all[(at + step + all.length) % all.length]);
}

/* A language is chosen for the page that is open, with all that its address holds. */
function take(click) {
  const option = click.target.closest("[role=option]");
  if (!option) return;
  if (option.dataset.choose) {
    click.preventDefault();
    const here = new URL(location);
    here.searchParams.set("lang", option.dataset.choose);
    location.assign(here);
  }
  close();
}

if (palette) {
  document.addEventListener("keydown", (key) => {
    if (key.key.toLowerCase() !== "k" || !(key.ctrlKey || key.metaKey) || key.altKey || key.shiftKey) return;
    key.preventDefault();
    if (palette.open) close();
    else if (!document.querySelector("dialog[open]")) open();
  });
  openers.forEach((opener) => {
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-haspopup", "dialog");
    opener.setAttribute("aria-keyshortcuts", "Control+K");
    opener.addEventListener("click", (click) => {
      if (click.ctrlKey || click.metaKey || click.shiftKey) return;
      click.preventDefault();
      open();
    });
    opener.addEventListener("keydown", (key) => {
      if (key.key !== " ") return;
      key.preventDefault();
      open();
    });
  });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, WAIT);
  });
  field.addEventListener("keydown", async (key) => {
    if (key.isComposing) return;
    if (key.key === "ArrowDown" || key.key === "ArrowUp") {
      key.preventDefault();
      move(key.key === "ArrowDown" ? 1 : -1);
    } else if (key.key === "Enter") {
      key.preventDefault();
      clearTimeout(waiting);
      if (field.value !== list.dataset.of) await find();
      chosen()?.click();
    }
  });
  list.addEventListener("mousemove", (pointer) => {
    const option = pointer.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  list.addEventListener("click", take);
  palette.addEventListener("click", (click) => {
    if (click.target === palette || click.target.closest("[data-close]")) close();
  });
}
