/* Keeps what is told of time true: `<time data-ago>` says how long ago, `<time data-until>` counts down. */
const tag = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(tag, { style: "short", numeric: "always" });
const days = new Intl.NumberFormat(tag, { style: "unit", unit: "day", unitDisplay: "long" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const server = Number(document.documentElement.dataset.now || 0);
/* The browser's clock may be wrong: what counts is the server's, plus the time since the page came. */
const drift = server ? server * 1000 - Date.now() : 0;
const now = () => Date.now() + drift;

function ago(exact) {
  const seconds = Math.abs(exact) < 2 ? -1 : exact;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) || ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

function clock(seconds) {
  const left = Math.abs(Math.trunc(seconds));
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(left % 60)}` : `${minutes}:${pad(left % 60)}`;
}

function show(element) {
  const seconds = (Date.parse(element.dateTime) - now()) / 1000;
  if ("ago" in element.dataset) {
    put(element, ago(seconds));
    return;
  }
  const isLate = seconds < 0;
  element.classList.toggle("is-late", isLate);
  element.classList.toggle("is-near", !isLate && seconds < 120);
  const text = Math.abs(seconds) >= 172800 ? days.format(Math.trunc(Math.abs(seconds) / 86400)) : clock(seconds);
  put(element, isLate ? element.dataset.late.replace("%", text) : element.dataset.until.replace("%", text));
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function tick(root = document) {
  root.querySelectorAll("time[data-ago], time[data-until]").forEach(show);
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:after:swap", () => tick());
