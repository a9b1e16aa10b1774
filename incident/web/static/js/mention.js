/* Completes @name in a note: what is typed after @ finds people who may see the incident; arrows, Enter or Tab take one. */
const TYPED = /(?:^|[^\w@./-])@([\w.-]*)$/u;
const WAIT = 150;

const note = document.getElementById("note");
const list = document.getElementById("mention-list");
let turn = 0;
let waiting;
let chosen = -1;

const typed = () => note.value.slice(0, note.selectionStart).match(TYPED)?.[1];

function close() {
  turn++;
  list.hidden = true;
  note.removeAttribute("aria-activedescendant");
}

async function find(part) {
  const mine = ++turn;
  const answer = await fetch(`${note.dataset.people}?q=${encodeURIComponent(part)}`);
  if (!answer.ok || mine !== turn || typed() !== part) return;
  const { items } = await answer.json();
  if (mine !== turn) return;
  list.replaceChildren(...items.map(option));
  list.hidden = !items.length;
  choose(items.length ? 0 : -1);
}

function option({ login, name }, place) {
  const row = Object.assign(document.createElement("li"), { id: `mention-${place}`, textContent: name });
  row.setAttribute("role", "option");
  row.dataset.login = login;
  row.append(Object.assign(document.createElement("span"), { className: "quiet small", textContent: ` @${login}` }));
  return row;
}

function choose(place) {
  chosen = place;
  [...list.children].forEach((row, at) => row.setAttribute("aria-selected", at === place));
  if (place < 0) note.removeAttribute("aria-activedescendant");
  else note.setAttribute("aria-activedescendant", `mention-${place}`);
}

function take(row) {
  const end = note.selectionStart;
  note.setRangeText(`${row.dataset.login} `, end - typed().length, end, "end");
  close();
  note.focus();
}

if (note && list) {
  note.addEventListener("input", () => {
    clearTimeout(waiting);
    const part = typed();
    if (part === undefined) return close();
    waiting = setTimeout(() => find(part), WAIT);
  });
  note.addEventListener("keydown", (key) => {
    if (list.hidden) return;
    const count = list.children.length;
    if (key.key === "ArrowDown" || key.key === "ArrowUp") choose((chosen + (key.key === "ArrowDown" ? 1 : count - 1)) % count);
    else if (key.key === "Enter" || key.key === "Tab") take(list.children[chosen]);
    else if (key.key === "Escape") close();
    else return;
    key.preventDefault();
  });
  note.addEventListener("blur", () => setTimeout(close, 200));
  list.addEventListener("mousedown", (press) => {
    const row = press.target.closest("li");
    if (!row) return;
    press.preventDefault();
    take(row);
  });
}
