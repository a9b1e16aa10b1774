/* Uploads of evidence in parts: with progress, going on after a lost connection, and cancelled by a button. The rows live
   here and not in the page, which is replaced whenever there is news. */
const PAUSE = 3000; // before the next try while there is no connection
const SHOWN = 4000; // how long a stored file is shown here beside the list
const SENT_AGAIN = new Set([0, 408, 429, 502, 503, 504]); // nothing was refused: it goes on later

const uploads = [];
const form = () => document.getElementById("upload");
const list = () => document.getElementById("upload-list");
const pause = (time) => new Promise((go) => setTimeout(go, time));

class Refused extends Error {}

class Upload {
  constructor(file, address, words) {
    Object.assign(this, { file, address, words, part: 0, isCancelled: false });
    this.row = document.createElement("li");
    this.name = Object.assign(document.createElement("div"), { className: "text-break", textContent: file.name });
    this.bar = Object.assign(document.createElement("progress"), { max: file.size, value: 0 });
    this.bar.setAttribute("aria-label", file.name);
    this.state = Object.assign(document.createElement("div"), { className: "small quiet" });
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "btn-plain small" });
    this.row.append(this.name, this.bar, this.state, this.button);
  }

  say(words, isBad = false) {
    if (this.state.textContent === words) return;
    this.state.textContent = words;
    this.state.className = `small ${isBad ? "bad" : "quiet"}`;
  }

  offer(words, act) {
    this.button.textContent = words;
    this.button.onclick = act;
    this.button.hidden = !words;
  }

  async run() {
    this.isCancelled = false;
    this.offer(this.words.cancel, () => this.cancel());
    try {
      this.one ??= await this.begin();
      show();
      while (this.one.received < this.file.size && !this.isCancelled) await this.send();
      if (this.isCancelled) return;
      this.say(this.words.checking);
      const done = await this.ask("POST", `${this.place}/complete`);
      this.bar.value = this.file.size;
      this.say(done.is_repeated ? this.words.repeated : this.words.done);
      this.offer("");
      setTimeout(() => this.forget(), done.is_repeated ? 60000 : SHOWN);
      htmx.trigger(document.getElementById("stream"), "news");
    } catch (fault) {
      if (this.isCancelled) return;
      this.say(fault.message, true);
      this.offer(this.words.again, () => this.start());
    }
  }

  get place() {
    return `${this.address}/${this.one.id}`;
  }

  async start() {
    if (this.one) this.one = await this.ask("GET", this.place).catch(() => undefined);
    await this.run();
  }

  /* An unfinished upload of the same name and size goes on when what has arrived of it is the same. */
  async begin() {
    const { items } = await this.ask("GET", this.address);
    const same = ({ state, name, size }) => state === "receiving" && name === this.file.name && size === this.file.size;
    const isTaken = ({ id }) => uploads.some((one) => one !== this && one.one?.id === id);
    const found = items.find((one) => same(one) && !isTaken(one));
    if (found && (await this.hasSent(found))) return found;
    return this.ask("POST", this.address, JSON.stringify({ name: this.file.name, size: this.file.size }), {
      "Content-Type": "application/json",
    });
  }

  async hasSent({ id, received, part_size: length }) {
    if (!received) return true;
    if (!globalThis.crypto?.subtle) return false;
    const { digests } = await this.ask("GET", `${this.address}/${id}/parts`);
    for (const [place, digest] of digests.entries()) {
      const part = await this.file.slice(place * length, (place + 1) * length).arrayBuffer();
      const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", part));
      if ([...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") !== digest) return false;
    }
    return true;
  }

  async send() {
    const { received, part_size: length } = this.one;
    this.bar.value = received;
    this.say(this.words.sending.replace("{percent}", Math.floor((100 * received) / this.file.size)));
    const part = this.file.slice(received, Math.min(received + length, this.file.size));
    try {
      this.one = await this.ask("PATCH", `${this.place}/content`, part, {
        "Content-Type": "application/octet-stream",
        "Upload-Offset": received,
      });
    } catch (fault) {
      if (fault.code !== "evidence.wrong_offset") throw fault;
      this.one = await this.ask("GET", this.place); // the part had arrived, and its answer had not
    }
  }

  async ask(method, address, body, headers = {}) {
    const language = document.documentElement.lang;
    for (;;) {
      let answer;
      try {
        answer = await fetch(address, { method, body, headers: { "Accept-Language": language, ...headers } });
      } catch {
        answer = { status: 0 };
      }
      if (answer.ok) return answer.status === 204 ? null : answer.json();
      if (this.isCancelled) throw new Refused("");
      if (!SENT_AGAIN.has(answer.status)) {
        const problem = await answer.json().catch(() => ({}));
        const fault = new Refused(problem.errors?.[0]?.detail ?? problem.detail ?? String(answer.status));
        fault.code = problem.code;
        throw fault;
      }
      const problem = answer.status ? await answer.json().catch(() => ({})) : {};
      this.say(problem.code?.startsWith("storage.") ? problem.detail : this.words.waiting, true);
      await pause(PAUSE);
    }
  }

  forget() {
    uploads.splice(uploads.indexOf(this), 1);
    show();
  }

  async cancel() {
    this.isCancelled = true;
    this.forget();
    if (this.one) await this.ask("DELETE", this.place).catch(() => null);
    htmx.trigger(document.getElementById("stream"), "news");
  }
}

async function take(event) {
  if (event.target.id !== "upload") return;
  event.preventDefault();
  const field = event.target.querySelector("[type=file]");
  const added = [...field.files].map((file) => new Upload(file, event.target.dataset.uploads, event.target.dataset));
  uploads.push(...added);
  field.value = "";
  show();
  for (const one of added) await one.run(); // one after the other: two would share the same line
}

/* What this page sends is not shown a second time, as an upload that waits for its file. */
function show() {
  list()?.replaceChildren(...uploads.map(({ row }) => row));
  for (const row of document.querySelectorAll("[data-upload]")) {
    row.hidden = uploads.some(({ one }) => one?.id === Number(row.dataset.upload));
  }
}

document.addEventListener("submit", take);
document.addEventListener("htmx:after:swap", show);
addEventListener("beforeunload", (event) => {
  if (uploads.some(({ one, file }) => one && one.received < file.size)) event.preventDefault();
});
if (form()) show();
