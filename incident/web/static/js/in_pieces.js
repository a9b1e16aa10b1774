/* Sends the pieces of a large spreadsheet one after the other, with progress and a way to stop. The page that answered
   last takes the place of this one; links of invitations, which are shown once, are gathered from all answers. */
const PIECES = "form[data-in-pieces]";
const LINKS = "#links";

const reads = (text) => new DOMParser().parseFromString(text, "text/html");

function show(answer, links, band) {
  const main = document.adoptNode(answer.querySelector("main"));
  if (links.length) {
    if (!main.querySelector(LINKS)) main.prepend(document.adoptNode(band));
    main.querySelector(LINKS).replaceChildren(...links);
  }
  document.querySelector("main").replaceWith(main);
  main.scrollIntoView();
  main.querySelector(PIECES)?.addEventListener("submit", run);
}

async function run(event) {
  event.preventDefault();
  const shown = event.target.querySelector(".in-pieces");
  const [status, bar, stop] = ["[role=status]", "progress", "button"].map((one) => shown.querySelector(one));
  const before = Number(event.target.dataset.written);
  const count = before + Number(event.target.dataset.waiting);
  const links = [];
  let [form, band, isStopped] = [event.target, null, false];
  const isWorking = (is) => {
    form.querySelector(".actions").hidden = is;
    stop.hidden = !is;
  };
  stop.onclick = () => (isStopped = true);
  isWorking(true);
  shown.hidden = false;
  bar.max = count;
  for (;;) {
    const done = Number(form.dataset.written);
    bar.value = done;
    status.textContent = shown.dataset.now.replace("{done}", done).replace("{count}", count);
    let sent, answer;
    try {
      sent = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      answer = reads(await sent.text());
    } catch {
      for (const name of ["digest", "written"]) event.target.elements[name].value = form.elements[name].value;
      form = event.target;
      isWorking(false);
      status.textContent = shown.dataset.lost;
      return;
    }
    const found = [...answer.querySelectorAll(`${LINKS} > li`)];
    if (found.length) band = answer.querySelector(LINKS).closest(".band");
    links.push(...found);
    form = answer.querySelector(PIECES);
    if (sent.redirected && !links.length) {
      location.assign(sent.url);
      return;
    }
    if (!sent.ok || !form || isStopped) {
      show(answer, links, band);
      return;
    }
  }
}

document.querySelector(PIECES)?.addEventListener("submit", run);
