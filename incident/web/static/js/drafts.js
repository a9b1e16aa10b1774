/* Keeps what was typed when a page is left without its form being taken: the session has ended, or the language changes.
   One draft lies in the storage of this tab until its page is open again. Passwords and files are never kept. */
const root = document.documentElement;
const isSignIn = location.pathname.endsWith("/sign-in");
const KEY = isSignIn ? "draft-of-sign-in" : "draft";
const KEPT_FOR = 3600000;
const LEFT_OUT = "[type=password], [type=hidden], [type=file], [type=submit], button, fieldset, output";
const isRefused = Boolean(document.getElementById("fault"));

const before = read();
/* The address of a form that was refused is where it was sent to; the page that has it is where it was first typed. */
const formPage = (isRefused && before?.page) || location.pathname + withoutLanguage();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function withoutLanguage() {
  const query = new URLSearchParams(location.search);
  query.delete("lang");
  query.delete("said");
  return query.size ? `?${query}` : "";
}

function forms() {
  return [...document.querySelectorAll("main form")].filter((form) => form.method === "post");
}

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && !field.matches(LEFT_OUT));
}

function isTyped(field) {
  if (isRefused) return true; // what such a page shows was typed, although it came from the server
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

function keep() {
  const fields = forms().flatMap((form, place) =>
    fieldsOf(form).map((field, at) => ({ place, at, name: field.name, value: field.value, checked: field.checked, isTyped: isTyped(field) })),
  );
  const typed = fields.filter((field) => field.isTyped);
  if (!typed.length) return sessionStorage.removeItem(KEY);
  sessionStorage.setItem(KEY, JSON.stringify({ page: formPage, who: root.dataset.who, at: Date.now(), typed }));
}

function bringBack(draft) {
  const all = forms();
  for (const { place, at, name, value, checked } of draft.typed) {
    const field = all[place] && fieldsOf(all[place])[at];
    if (field?.name !== name) continue;
    if (/^(checkbox|radio)$/.test(field.type)) field.checked = checked;
    else field.value = value;
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }
  document.getElementById("draft-back").hidden = false;
}

function start() {
  if (isSignIn) {
    const left = JSON.parse(sessionStorage.getItem("draft") ?? "null");
    const next = document.querySelector("main form input[name=next]");
    if (left && next) next.value = left.page;
  } else {
    sessionStorage.removeItem("draft-of-sign-in");
  }
  if (!before) return;
  sessionStorage.removeItem(KEY);
  const isMine = before.who === root.dataset.who && Date.now() - before.at < KEPT_FOR;
  const isHere = before.page === location.pathname + withoutLanguage();
  if (isMine && isHere && !isRefused && !document.querySelector("main [data-said]")) bringBack(before);
}

start();
document.addEventListener("submit", (sent) => {
  if (sent.target.method === "post" && sent.target.closest("main")) keep();
});
document.addEventListener("click", (click) => {
  const link = click.target.closest("a[data-language]");
  if (!link) return;
  keep();
  const url = new URL(formPage, location.href);
  url.searchParams.set("lang", link.dataset.language);
  link.href = url;
});
