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
  if (key.key === "/" && !key.ctrlKey && !key.metaKey && !isTyping(document.activeElement)) {
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

function isTyping(element) {
  return element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent.trim();
  await navigator.clipboard.writeText(text);
  button.querySelector("span").textContent = button.dataset.copied;
}

/* Departments that are searched for: what is typed finds some; in a group, what is chosen becomes a tick. */
let turns = 0;
let waiting;

document.addEventListener("input", (typed) => {
  const field = typed.target.closest?.("input[data-departments]");
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
    if (field.list.options.length === 1) chosen(field, field.list.options[0]);
  });
});

async function find(field) {
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
}

function added(group, option) {
  const tick = Object.assign(document.createElement("input"), { type: "checkbox", name: "departments", value: option.value });
  const words = Object.assign(document.createElement("span"), { textContent: option.textContent });
  const label = document.createElement("label");
  tick.className = "form-check-input";
  label.append(tick, words);
  group.querySelector(":scope > span")?.remove();
  group.append(label);
  return tick;
}
