/* The service worker: keeps the offline page and nothing else. RELEASE stands before it, written by the server.
   It keeps no page of a person, nothing of an incident, and it leaves the pages of reporters alone. */
self.addEventListener("install", (event) => {
  const kept = RELEASE.kept.map((url) => new Request(url, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(RELEASE.cache).then((cache) => cache.addAll(kept)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || isForStrangers(url)) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => fromCache(RELEASE.kept[0])));
  else if (isKept(url)) event.respondWith(fetch(request).catch(() => fromCache(url.pathname + url.search)));
});

/* A message says that there is something and where; a device shows the words and opens the address. */
self.addEventListener("push", (event) => {
  const { id, title, url, language } = event.data?.json() ?? {};
  if (!title) return;
  const shown = { tag: id, lang: language.startsWith("zh") ? "zh-CN" : "en", icon: RELEASE.icon, data: { url } };
  event.waitUntil(self.registration.showNotification(title, { ...shown, requireInteraction: true }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data;
  if (new URL(url, location).origin === location.origin) event.waitUntil(show(url));
});

/* A push service may give a device another address: the program learns it while the person is signed in. */
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event.oldSubscription, event.newSubscription));
});

async function renew(before, given) {
  if (!before) return;
  const made = given ?? (await self.registration.pushManager.subscribe(before.options));
  const { endpoint, keys } = made.toJSON();
  const fields = { endpoint, point: keys.p256dh, auth: keys.auth, replaced: before.endpoint };
  await fetch(RELEASE.devices, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
}

async function show(url) {
  const open = await self.clients.matchAll({ type: "window" });
  const found = open.find((client) => client.url === url);
  return found ? found.focus() : self.clients.openWindow(url);
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== RELEASE.cache).map((name) => caches.delete(name)));
}

async function fromCache(address) {
  const cache = await caches.open(RELEASE.cache);
  return (await cache.match(address)) ?? Response.error();
}

function isKept(url) {
  return RELEASE.kept.includes(url.pathname + url.search);
}

function isForStrangers(url) {
  const [first] = url.pathname.slice(RELEASE.root.length).split("/");
  return RELEASE.strangers.includes(first);
}
