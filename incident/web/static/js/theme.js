/* Tells Tabler which of its two looks the system asks for, before anything is drawn. */
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", show);
  show();
})();
