/* Small manners of a page: copy buttons, menus that close, forms that are sent once. */
document.addEventListener("click", (click) => {
  const button = click.target.closest("[data-copy]");
  if (button) copy(button);
  document.querySelectorAll("details.more[open]").forEach((menu) => {
    if (!menu.contains(click.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (key) => {
  if (key.key === "Escape") document.querySelectorAll("details.more[open]").forEach((menu) => (menu.open = false));
  if (key.key === "/" && localStorage.getItem("incident-keys") !== "off" && !key.ctrlKey && !key.metaKey && !isTyping(document.activeElement)) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      key.preventDefault();
      search.focus();
    }
  }
});

document.addEventListener("submit", (sent) => {
  const form = sent.target;
  if (form.dataset.sent) return sent.preventDefault();
  if (form.dataset.ask && !confirm(form.dataset.ask)) return sent.preventDefault();
  if (form.method === "post") form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

/* A link to something folded opens it. */
function openNamed() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("details")) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView({ block: "start" });
}

addEventListener("hashchange", openNamed);
openNamed();

document.getElementById("fault")?.focus(); // what is wrong is read first, and not scrolled past

function isTyping(element) {
  return element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent.trim();
  await navigator.clipboard.writeText(text);
  button.querySelector("span").textContent = button.dataset.copied;
}

/* Things that are searched for, such as departments: what is typed finds some, on the server with data-departments,
   else in the list of the page; in a group (data-adds), what is chosen becomes a tick. */
let turns = 0;
let waiting;

document.addEventListener("input", (typed) => {
  const field = typed.target.closest?.("input[data-departments], input[data-adds]");
  if (!field) return;
  clearTimeout(waiting);
  const option = [...field.list.options].find((one) => one.value === field.value);
  if (option) return chosen(field, option);
  waiting = setTimeout(() => find(field), 200);
});

document.addEventListener("focusin", (focus) => {
  const field = focus.target.closest?.("input[data-departments]");
  if (field && !field.list.options.length) find(field);
});

document.addEventListener("keydown", (key) => {
  const field = key.target.closest?.("input[data-adds]");
  if (!field || key.key !== "Enter" || !field.value.trim()) return;
  key.preventDefault();
  find(field).then(() => {
    const fitting = [...field.list.options].filter((one) => isFitting(field, one));
    if (fitting.length === 1) chosen(field, fitting[0]);
  });
});

function isFitting(field, option) {
  return field.dataset.departments || option.value.toLowerCase().includes(field.value.trim().toLowerCase());
}

async function find(field) {
  if (!field.dataset.departments) return;
  const turn = ++turns;
  const answer = await fetch(`${field.dataset.departments}?q=${encodeURIComponent(field.value)}`);
  if (!answer.ok || turn !== turns) return;
  const { items } = await answer.json();
  field.list.replaceChildren(...items.map(({ code, name }) => new Option(`${name} (${code})`, code)));
}

function chosen(field, option) {
  if (!field.dataset.adds) {
    document.getElementById(`${field.id}-hint`).textContent = option.textContent;
    return;
  }
  const group = document.querySelector(`[data-picked="${field.dataset.adds}"]`);
  const tick = [...group.querySelectorAll("input")].find((one) => one.value === option.value) ?? added(group, option);
  tick.checked = true;
  field.value = "";
  tick.dispatchEvent(new Event("change", { bubbles: true }));
}

function added(group, option) {
  const tick = Object.assign(document.createElement("input"), { type: "checkbox", name: group.dataset.name ?? "departments", value: option.value });
  const words = Object.assign(document.createElement("span"), { textContent: option.textContent || option.value });
  const label = document.createElement("label");
  tick.className = "form-check-input";
  label.append(tick, words);
  group.querySelector(":scope > span")?.remove();
  group.append(label);
  return tick;
}
