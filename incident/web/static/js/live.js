/* A page that says it is live is: a stream of news that falls silent is opened anew, and in between the page looks for
   news as if some had come. A connection can die without a word, as after sleep or behind a router that forgot it. */
const PAUSE = 5000;
const SILENCE = 8000; // the server says every three seconds that it is there
const LOOK_EVERY = 2000;

const stream = document.getElementById("stream");
const sign = document.getElementById("live-sign");
const say = (isOpen, why = "away") => {
  if (!sign) return;
  sign.hidden = isOpen;
  for (const words of sign.querySelectorAll("[data-why]")) words.hidden = words.dataset.why !== why;
};

let connection = null;
let heardAt = Date.now();
let isFull = false; // no further stream is given: the page looks by itself until one is
const hear = () => {
  heardAt = Date.now();
};

const look = () => {
  htmx.trigger(stream, "news");
  htmx.trigger(stream, "again"); // does nothing while there is a connection
};

document.addEventListener("htmx:after:request", (happened) => {
  const element = happened.detail?.ctx?.sourceElement;
  if (element !== stream || happened.detail.ctx.response?.raw?.ok) return; // no stream is to be had for now
  const headers = happened.detail.ctx.response?.raw?.headers;
  isFull = headers?.get("Incident-Live") === "full";
  if (isFull) say(false, "full");
  setTimeout(look, Number(headers?.get("Retry-After")) * 1000 || PAUSE);
});
document.addEventListener("htmx:sse:after:connection", (happened) => {
  connection = happened.detail.connection;
  isFull = false;
  hear();
  say(true);
});
document.addEventListener("htmx:sse:before:message", () => {
  hear();
  say(true);
});
document.addEventListener("htmx:sse:error", () => say(false));

let isLeaving = false;
addEventListener("pagehide", () => {
  isLeaving = true;
});
addEventListener("pageshow", () => {
  isLeaving = false;
});
document.addEventListener("htmx:sse:close", () => say(isLeaving));

document.addEventListener("visibilitychange", hear); // a page that nobody looks at lets go of its stream
setInterval(() => {
  if (!stream || document.hidden || Date.now() - heardAt < SILENCE) return;
  hear();
  say(false, isFull ? "full" : "away");
  look();
  connection?.reader?.cancel(); // ends the stream here; it is opened anew after a moment
}, LOOK_EVERY);
