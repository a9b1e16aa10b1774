/* A page that says it is live is: its stream, which all pages of a browser share (stream.js), tells it of news. While
   there is no stream, the page says so and looks for news as if some had come. A hidden page leaves the stream. */
const LOOK_EVERY = 2000;
const SILENCE = 12000; // the stream itself notices after 8 seconds that nothing comes

const place = document.getElementById("stream");
const sign = document.getElementById("live-sign");
const say = (isOpen, why = "away") => {
  if (!sign) return;
  sign.hidden = isOpen;
  for (const words of sign.querySelectorAll("[data-why]")) words.hidden = words.dataset.why !== why;
};

let known = Number(place?.dataset.after);
let heardAt = Date.now();
let isLeaving = false;
let speak = () => {};

const look = () => htmx.trigger(place, "news");

function hear({ kind, seq }) {
  if (isLeaving || document.hidden) return;
  heardAt = Date.now();
  if (kind === "look") look();
  else if (kind === "people") htmx.trigger(place, "people");
  else if (kind !== "news") say(kind === "open" || kind === "beat", kind);
  else if (seq > known) {
    known = seq;
    say(true);
    look();
  }
}

/* A worker of its own for each person and version: the address has both. */
function connect() {
  const { worker } = place.dataset;
  try {
    const shared = new SharedWorker(worker, { type: "module", name: document.documentElement.dataset.who });
    shared.port.onmessage = ({ data }) => hear(data);
    shared.addEventListener("error", () => alone(worker));
    speak = (message) => shared.port.postMessage(message);
    join();
  } catch {
    alone(worker);
  }
}

async function alone(worker) {
  const { Stream } = await import(worker);
  const stream = new Stream();
  speak = ({ kind, topic, after }) => {
    if (kind === "join") stream.join(hear, topic, after);
    else if (kind === "leave") stream.leave(hear);
    else stream.hear(hear);
  };
  join();
}

function join() {
  heardAt = Date.now();
  if (!document.hidden) speak({ kind: "join", topic: place.dataset.topic, after: known });
}

function comeBack() {
  htmx.trigger(place, "people"); // who was here before may have left meanwhile
  join();
}

function leave() {
  speak({ kind: "leave" });
}

if (place) {
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));
  addEventListener("pagehide", () => {
    isLeaving = true;
    leave();
  });
  addEventListener("pageshow", ({ persisted }) => {
    isLeaving = false;
    if (persisted) comeBack();
  });
  setInterval(() => {
    if (document.hidden || isLeaving) return;
    speak({ kind: "here" });
    if (Date.now() - heardAt < SILENCE) return;
    say(false);
    look();
    join(); // the worker is new, or was asleep
  }, LOOK_EVERY);
  connect();
}
