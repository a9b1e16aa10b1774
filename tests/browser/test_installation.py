"""The program as an app: what a device shows while the program cannot be reached, and what it keeps."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from incident.actions.directory.devices import hash_of_endpoint
from tests.browser.conftest import PASSWORD, SignIn, keep_picture
from tests.device import Device
from tests.stories.served import Served

KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found.push(new URL(request.url).pathname);
  }
  return found;
}"""
"""The addresses of all that the caches of the browser hold."""

CONTROLLED = "() => navigator.serviceWorker.controller !== null"
READY = "() => navigator.serviceWorker.ready.then(() => true)"


@pytest.fixture
def small(chromium: str, tmp_path: Path) -> Iterator[Served]:
    """A program with one person."""
    made = Served(tmp_path / "home")
    made.add_person("responder", "A responder", "responder", PASSWORD)
    made.start()
    yield made
    made.end()


def test_a_device_that_is_offline_says_so_and_keeps_nothing_of_an_incident(small: Served, sign_in: SignIn) -> None:
    page = sign_in("responder", small.url, service_workers="allow")
    number = small.call("POST", "/incidents", small.token(), {"title": "Ransomware"}).json()["number"]
    page.goto(f"{small.url}/incidents/{number}")
    page.evaluate(READY)
    page.reload()
    assert page.evaluate(CONTROLLED)
    small.end()
    page.goto(f"{small.url}/incidents/{number}")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    assert page.evaluate("() => getComputedStyle(document.querySelector('.panel')).borderTopWidth") == "1px"
    kept = page.evaluate(KEPT)
    assert "/offline" in kept
    assert all(path == "/offline" or path.startswith("/static/") for path in kept)
    with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
        page.context.new_page().goto(f"{small.url}/report")
    small.start()
    expect(page.get_by_role("heading", name="Ransomware")).to_be_visible(timeout=20_000)


NOTIFICATIONS = """async () => {
  const worker = await navigator.serviceWorker.ready;
  return (await worker.getNotifications()).map((one) => [one.title, one.body, one.data.url]);
}"""

SUBSCRIBE = """
const made = {
  endpoint: "https://fcm.googleapis.com/fcm/send/browser",
  toJSON() { return { endpoint: this.endpoint, keys: { p256dh: "POINT", auth: "AUTH" } }; },
  unsubscribe: async () => true,
};
PushManager.prototype.subscribe = async (options) => {
  if (!options.userVisibleOnly || options.applicationServerKey.length !== 87) throw new Error("refused");
  sessionStorage.setItem("subscribed", "yes");
  return made;
};
PushManager.prototype.getSubscription = async () => (sessionStorage.getItem("subscribed") ? made : null);
"""
"""Stands for the push service of the browser, which is not there."""

RENEW = """async ([before, endpoint, keys]) => {
  const event = new ExtendableEvent("pushsubscriptionchange");
  event.oldSubscription = { endpoint: before };
  event.newSubscription = { toJSON: () => ({ endpoint, keys }) };
  self.dispatchEvent(event);
}"""


def test_a_person_turns_notifications_on_for_a_device_and_off(small: Served, sign_in: SignIn) -> None:
    small.call("POST", "/departments", small.token(), {"code": "NOC", "name": "Network"})
    small.add_person("duty", "Duty", "department", PASSWORD, "NOC")
    page = sign_in("duty", small.url, service_workers="allow", permissions=["notifications"])
    page.add_init_script(SUBSCRIBE.replace("POINT", Device().point).replace("AUTH", Device().auth))
    page.goto(f"{small.url}/account")
    page.get_by_role("button", name="Turn on notifications on this device").click()
    expect(page.get_by_text("Notifications are on for this device.")).to_be_visible()
    expect(page.locator("#devices").get_by_text("this device", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Turn on notifications on this device")).to_be_hidden()
    keep_picture(page, "devices")
    deliver(page, small.url, {"id": "msg_1", "title": "New notice", "url": f"{small.url}/inbox", "language": "en"})
    assert page.evaluate(NOTIFICATIONS) == [["New notice", "", f"{small.url}/inbox"]]
    other = Device()
    keys = {"p256dh": other.point, "auth": other.auth}
    before = "https://fcm.googleapis.com/fcm/send/browser"
    with page.context.expect_event("response", lambda one: one.url.endswith("/account/devices")) as renewed:
        page.context.service_workers[0].evaluate(RENEW, [before, f"{before}-2", keys])
    assert renewed.value.status == 303
    page.reload()
    expect(page.locator("[data-device]")).to_have_count(1)
    expect(page.locator(f"[data-device='{hash_of_endpoint(before + '-2')}']")).to_be_visible()
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Turn on notifications on this device")).to_be_visible()


def deliver(page: Page, origin: str, content: dict[str, str]) -> None:
    """Let the browser deliver a message to the service worker, as if its push service had brought it."""
    found: list[str] = []
    session = page.context.new_cdp_session(page)
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    pushed = {"origin": origin, "registrationId": found[0], "data": json.dumps(content)}
    session.send("ServiceWorker.deliverPushMessage", pushed)
    page.wait_for_timeout(500)
