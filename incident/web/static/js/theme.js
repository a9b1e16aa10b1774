/* Tells the styles which of their two looks is wanted, before anything is drawn: the one chosen here, else the system's. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const ofSystem = () => (dark.matches ? "dark" : "light");
  const chosen = () => {
    if (root.dataset.theme) return root.dataset.theme; // a page that has one look, as a wall display
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const show = () => root.setAttribute("data-bs-theme", chosen() ?? ofSystem());
  const change = () => {
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    if (next === ofSystem()) localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
    show();
  };
  dark.addEventListener("change", show);
  addEventListener("storage", show);
  document.addEventListener("click", (click) => click.target.closest("[data-theme-switch]") && change());
  show();
})();
