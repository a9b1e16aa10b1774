"""A real program for the browser tests, with signed-in people."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.demonstration import Demonstration
from tests.core.cacao.build import action, document, manual
from tests.stories.served import NewHome, Served

PASSWORD = "a long enough password"
SignIn = Callable[..., Page]


class Program(Served):
    """A served instance with the department NOC and a playbook that its rules start on every alert."""

    def furnish(self) -> None:
        """Add the data that the tests need, over the API."""
        self.administrator = self.token()
        self.made("/departments", {"code": "NOC", "name": "Network operations"})
        for level, name in ((1, "Screen"), (2, "Shift lead")):
            self.made("/departments/NOC/contacts", {"name": name, "channel": "inbox", "level": level})
        self.put("/departments/NOC/policy", {"levels": [{"wait": "PT1H"}, {"wait": "PT1H"}]})
        self.made("/playbooks", contain())
        self.put("/rules", {"rules": [{"when": {}, "set": {"departments": ["NOC"], "playbook": contain()["id"]}}]})
        for role, department in (("administrator", None), ("coordinator", None), ("department", "NOC")):
            self.add_person(role, f"A {role}", role, PASSWORD, department)

    def made(self, path: str, body: Any) -> Any:
        """POST a document and return the created one."""
        answer = self.call("POST", path, self.administrator, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def put(self, path: str, body: Any) -> None:
        """PUT a document that must be accepted."""
        answer = self.call("PUT", path, self.administrator, body)
        assert answer.status_code == 200, answer.text

    def alert(self, title: str, fingerprint: str) -> str:
        """Send an alert and return the number of the incident it opened."""
        body = {"title": title, "fingerprint": fingerprint, "status": "firing", "grade": 2, "category": "MPRANS"}
        answer = self.call("POST", "/alerts/generic", self.administrator, body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["items"][0]["incident"])


def contain() -> dict[str, Any]:
    """A playbook of two manual steps."""
    steps = {
        "isolate": action("tell", manual("Pull the cable."), name="Isolate the hosts", out_args=["__hosts__"]),
        "tell": action("end", manual("Tell the owner."), name="Tell the owner"),
        "end": None,
    }
    return document(steps, "Contain", playbook_variables={"__hosts__": {"type": "integer", "value": "0"}})


@pytest.fixture(scope="module")
def program(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A served and furnished instance."""
    made = Program(tmp_path_factory.mktemp("browser") / "home")
    made.start()
    made.furnish()
    yield made
    made.end()


@pytest.fixture(scope="session")
def demonstration(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """A demonstration that is served and furnished; tests only add to it."""
    made = Demonstration(tmp_path_factory.mktemp("pages") / "home")
    made.arguments = ("--demo", "--workers", "1")
    made.start()
    made.furnish()
    yield made
    made.end()


@pytest.fixture
def empty_program(chromium: str, tmp_path: Path) -> Iterator[Served]:
    """A served instance before its set-up."""
    made = NewHome(tmp_path / "home")
    made.start()
    yield made
    made.end()


@pytest.fixture
def sign_in(program: Program, browser: Browser) -> Iterator[SignIn]:
    """Sign a person in: `sign_in("coordinator")`, in a separate browser, at the address `base`.

    The form is not shown: that is done by test_main_job.py and test_drafts.py.
    """
    contexts: list[BrowserContext] = []

    def enter(role: str, base: str = program.url, **more: Any) -> Page:
        more.setdefault("service_workers", "block")
        context = browser.new_context(
            locale="en-GB", viewport=more.pop("viewport", {"width": 1280, "height": 900}), **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page)
        sent: dict[str, str | float | bool] = {"login": role, "password": PASSWORD}
        headers = {"Sec-Fetch-Site": "same-origin"}
        answer = page.request.post(f"{base}/sign-in", form=sent, headers=headers, max_redirects=0)
        assert answer.status == 303, answer.text()
        page.goto(f"{base}/inbox" if answer.headers["location"].endswith("/inbox") else f"{base}/incidents")
        return page

    yield enter
    for context in contexts:
        context.close()


def watch(page: Page) -> None:
    """Fail the test on an error of a script or on anything that the Content-Security-Policy has stopped."""
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    page.on("console", lambda line: _refuse(line.text) if line.type == "error" else None)


def _refuse(text: str) -> None:
    if "Content Security Policy" in text or "is not defined" in text:
        pytest.fail(text)


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of a page where PICTURES names a folder, to be looked at."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
