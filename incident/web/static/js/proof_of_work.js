/* Solves the puzzles of a busy address, and then sends the form again. Without this script, and where the browser has
   no cryptography because the connection is not encrypted, the reporter waits as the page says. */
const BATCH = 256;

const shown = document.querySelector("#work");
const encoder = new TextEncoder();

function isSolution(digest, bits) {
  return new DataView(digest).getUint32(0) >>> (32 - bits) === 0;
}

async function solve(challenge, puzzle, bits) {
  for (let first = 0; ; first += BATCH) {
    const numbers = Array.from({ length: BATCH }, (_, index) => first + index);
    const digests = await Promise.all(
      numbers.map((one) => crypto.subtle.digest("SHA-256", encoder.encode(`${challenge}.${puzzle}.${one}`))),
    );
    const found = digests.findIndex((one) => isSolution(one, bits));
    if (found >= 0) return first + found;
  }
}

async function run() {
  const form = shown.closest("form");
  const { challenge } = shown.dataset;
  const [puzzles, bits] = [Number(shown.dataset.puzzles), Number(shown.dataset.bits)];
  const bar = shown.querySelector("progress");
  const solutions = [];
  shown.hidden = false;
  while (solutions.length < puzzles) {
    solutions.push(await solve(challenge, solutions.length, bits));
    bar.value = solutions.length;
  }
  form.elements.solutions.value = solutions.join(",");
  form.requestSubmit(form.querySelector("button[value=send]"));
}

if (shown && globalThis.crypto?.subtle) run();
