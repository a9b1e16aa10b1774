/* One stream of news for all pages of a browser. It runs in a shared worker, or in the page where there is none.
   Each page joins with what it shows (the number of an incident, or "any") and the last change that it knows. */
const PAUSE = 5000; // before the next try, when no stream is to be had
const AGAIN = 500; // before a stream that ended is opened again
const SILENCE = 8000; // the server says every three seconds that it is there
const LOST = 120000; // a page that says nothing for so long is gone: a browser may end it without a word

export class Stream {
  constructor() {
    this.pages = new Map(); // the function that speaks to a page: its topic, what it knows, when it was heard
    this.running = null;
    setInterval(() => this.watch(), 2000);
  }

  join(tell, topic, after) {
    this.pages.set(tell, { topic, after, heardAt: Date.now() });
    this.open();
  }

  hear(tell) {
    const page = this.pages.get(tell);
    if (page) page.heardAt = Date.now();
  }

  leave(tell) {
    if (this.pages.delete(tell) && !this.pages.size) this.close();
  }

  close() {
    this.running?.abort();
    this.running = null;
  }

  open() {
    this.close();
    this.running = new AbortController();
    this.run(this.running.signal);
  }

  tell(kind) {
    for (const tell of this.pages.keys()) tell({ kind });
  }

  address() {
    const query = new URLSearchParams([...new Set([...this.pages.values()].map(({ topic }) => topic))].sort().map((one) => ["of", one]));
    query.set("after", Math.min(...[...this.pages.values()].map(({ after }) => after)));
    return new URL(`../../live/pages?${query}`, import.meta.url);
  }

  async run(signal) {
    await pause(20); // pages that open together join one stream
    while (!signal.aborted) {
      this.heardAt = Date.now();
      let wait = PAUSE;
      try {
        const answer = await fetch(this.address(), { signal, headers: { Accept: "text/event-stream" } });
        if (answer.headers.get("Content-Type")?.startsWith("text/event-stream")) {
          this.tell("open");
          await this.read(answer.body.getReader());
          wait = AGAIN; // a stream has an end, after which the rights of its reader are looked at again
        } else {
          this.tell(answer.headers.get("Incident-Live") === "full" ? "full" : "away");
          wait = Number(answer.headers.get("Retry-After")) * 1000 || PAUSE;
        }
      } catch {
        if (signal.aborted) return;
        this.tell("away");
        wait = Math.min(wait, 2000);
      }
      await pause(wait);
      if (!signal.aborted && wait !== AGAIN) this.tell("look");
    }
  }

  async read(reader) {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.heardAt = Date.now();
      const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = parts.pop();
      parts.forEach((part) => this.take(part));
      this.tell("beat");
    }
  }

  take(event) {
    const data = event.split("\n").find((line) => line.startsWith("data: "));
    if (!data) return;
    const [seq, ...topics] = data.slice(6).split(" ");
    for (const [tell, page] of this.pages) {
      if (!topics.includes(page.topic)) continue;
      if (seq === "people") tell({ kind: "people" });
      else if (Number(seq) > page.after) {
        page.after = Number(seq);
        tell({ kind: "news", seq: page.after });
      }
    }
  }

  watch() {
    for (const [tell, page] of this.pages) if (Date.now() - page.heardAt > LOST) this.leave(tell);
    if (!this.running || Date.now() - this.heardAt < SILENCE) return;
    this.tell("away");
    this.tell("look");
    this.open(); // a connection can die without a word, as after sleep or behind a router that forgot it
  }
}

const pause = (time) => new Promise((go) => setTimeout(go, time));

if ("SharedWorkerGlobalScope" in self) {
  const stream = new Stream();
  self.addEventListener("connect", ({ ports: [port] }) => {
    const tell = (message) => port.postMessage(message);
    port.onmessage = ({ data }) => {
      if (data.kind === "join") stream.join(tell, data.topic, data.after);
      else if (data.kind === "leave") stream.leave(tell);
      else stream.hear(tell);
    };
  });
}
