/* Registers the service worker, on pages of people who are signed in and on no other. */
const { worker } = document.documentElement.dataset;

if (worker && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(worker, { updateViaCache: "none" }).catch(() => {}); // the pages work without it
}
