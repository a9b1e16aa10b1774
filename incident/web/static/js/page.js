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
