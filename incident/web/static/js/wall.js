/* The clock of a wall display, in the zone of the instance; the server's time counts, as for countdowns. */
const shown = document.querySelector("[data-clock]");
const { lang, dataset } = document.documentElement;
const drift = Number(dataset.now) * 1000 - Date.now();
const format = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: shown.dataset.clock });

function tick() {
  const text = format.format(Date.now() + drift);
  if (shown.textContent !== text) shown.textContent = text;
}

tick();
setInterval(tick, 1000);
