/* Turns notifications on for this browser: asks for permission, subscribes at its push service, sends what that gave. */
const form = document.querySelector("form[data-push]");
const words = (name) => document.querySelector(`[data-push-words="${name}"]`);

async function begin() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    words("unable").hidden = false;
    return;
  }
  form.querySelector("[data-push-on]").addEventListener("click", turnOn);
  form.hidden = false;
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  const row = subscription && document.querySelector(`[data-device="${await hashOf(subscription.endpoint)}"]`);
  if (!row) return void subscription?.unsubscribe(); // turned off on another device, or by somebody else
  row.querySelector("[data-this]").hidden = false;
  form.hidden = true;
}

async function turnOn(click) {
  const button = click.currentTarget;
  button.disabled = true;
  for (const name of ["denied", "failed"]) words(name).hidden = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") words("denied").hidden = false;
    else send(await subscribe());
  } catch {
    words("failed").hidden = false;
  }
  button.disabled = false;
}

async function subscribe() {
  const answer = await fetch(form.dataset.push, { method: "POST" });
  if (!answer.ok) throw new Error(answer.status);
  const { key } = await answer.json();
  const worker = await navigator.serviceWorker.ready;
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

function send(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  form.elements.endpoint.value = endpoint;
  form.elements.point.value = keys.p256dh;
  form.elements.auth.value = keys.auth;
  form.requestSubmit();
}

async function hashOf(text) {
  const hashed = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hashed)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (form) begin().catch(() => {});
