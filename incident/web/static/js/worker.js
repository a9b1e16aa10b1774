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
