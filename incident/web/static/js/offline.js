/* The offline page: asks for the page that was wanted until the program answers, then opens it. */
const PAUSE = 5000;

async function tryAgain() {
  try {
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
    if (answer.status < 500) location.reload();
  } catch {
    // still offline
  }
}

setInterval(tryAgain, PAUSE);
addEventListener("online", tryAgain);
