/* When no stream of news is to be had, asks again later, and in between looks for news as if one had come. */
const PAUSE = 5000;

document.addEventListener("htmx:after:request", (happened) => {
  const element = happened.detail?.ctx?.sourceElement;
  if (!element?.hasAttribute?.("hx-sse:connect")) return;
  if (happened.detail.ctx.response?.raw?.ok) return;
  const wait = Number(happened.detail.ctx.response?.raw?.headers.get("Retry-After")) * 1000 || PAUSE;
  setTimeout(() => {
    htmx.trigger(element, "news");
    htmx.trigger(element, "again");
  }, wait);
});

const sign = document.getElementById("live-sign");
const say = (isOpen) => {
  if (sign) sign.hidden = isOpen;
};
document.addEventListener("htmx:sse:after:connection", () => say(true));
document.addEventListener("htmx:sse:error", () => say(false));
document.addEventListener("htmx:sse:close", () => say(false));
addEventListener("pagehide", () => document.removeEventListener("htmx:sse:close", () => say(false)));
