"""The program as an app: what a device shows while the program cannot be reached, and what it keeps."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, SignIn
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
