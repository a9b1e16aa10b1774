/* Sends the chosen boxes of a form one after the other, with progress and a way to stop. When one is refused, the form is
   sent as it would be without this: what was added before stays, and the page says what is wrong with the rest. */
const form = document.querySelector("form[data-one-by-one]");

function chosen() {
  return [...form.querySelectorAll(`input[name="${form.dataset.oneByOne}"]:checked:not(:disabled)`)];
}

async function send(box) {
  const fields = new FormData(form);
  fields.delete(box.name);
  fields.set(box.name, box.value);
  const answer = await fetch(form.action || location.href, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(answer.status);
  return answer.url;
}

async function run(event) {
  const boxes = chosen();
  if (boxes.length < 2) return;
  event.preventDefault();
  const shown = form.querySelector(".one-by-one");
  const [status, bar, stop] = ["[role=status]", "progress", "button"].map((one) => shown.querySelector(one));
  let isStopped = false;
  stop.onclick = () => (isStopped = true);
  form.querySelector(".actions").hidden = true;
  shown.hidden = false;
  bar.max = boxes.length;
  let next = location.href;
  for (const [place, box] of boxes.entries()) {
    const words = { number: place + 1, count: boxes.length, name: box.closest("label").querySelector("strong").textContent };
    status.textContent = shown.dataset.now.replace(/{(\w+)}/g, (_, name) => words[name]);
    bar.value = place;
    if (isStopped) {
      location.reload();
      return;
    }
    try {
      next = await send(box);
    } catch {
      form.submit();
      return;
    }
    box.disabled = true;
  }
  bar.value = boxes.length;
  location.assign(next);
}

form?.addEventListener("submit", run);
