"""Accessibility of the main pages: axe (WCAG 2.1 A and AA), no horizontal scrolling, keyboard use."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from incident.actions.notifications.acknowledge_links import acknowledge_token
from incident.keyring import KeyRing
from tests.browser.conftest import Program, SignIn, contain, keep_picture
from tests.stories.served import sink

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
LOOKS = [("light", "en"), ("dark", "zh_Hans_CN")]
PATHS = (
    "/incidents",
    "/incidents/new",
    "/incidents/INC",
    "/incidents/INC/ledger",
    "/incidents/INC/certificate",
    "/inbox",
    "/reports",
    "/departments/NOC",
    "/departments/NOC/rota",
    "/departments/NOC/policy?grade=1",
    "/playbooks",
    "/playbooks/new",
    f"/playbooks/{contain()['id']}/simulate",
    "/rules?try=1&grade=1",
    "/journal",
    "/outbox",
    "/dead-letters",
    "/people",
    "/tokens",
    "/health",
    "/nothing",
)


@pytest.fixture(scope="module", autouse=True)
def _troubles(program: Program) -> Iterator[None]:
    """Give the pages content: a rota with gaps, and a contact that refuses messages."""
    program.made("/people", {"login": "wang", "name": "王芳", "role": "department", "department": "NOC"})
    program.put("/departments/NOC/members", {"members": [{"person": "wang", "position": "head"}]})
    turn = {"name": "day", "people": ["wang"], "starts_on": "2026-01-05", "every": "P7D", "handover": "09:00"}
    by_day = turn | {"hours": {"from": "09:00", "until": "17:30"}, "days": "working"}
    away = {"person": "wang", "from": "2027-02-01T00:00:00Z", "until": "2027-02-03T00:00:00Z"}
    program.put("/departments/NOC/rota", {"rotations": [by_day], "overrides": [], "leave": [away]})
    with sink(400) as refusing:
        robot = {"name": "Old robot", "channel": "webhook", "address": refusing.url, "level": 1}
        program.made("/departments/NOC/contacts", robot)
        yield


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


@pytest.mark.parametrize(("scheme", "language"), LOOKS)
def test_pages_of_those_who_signed_in(program: Program, sign_in: SignIn, scheme: str, language: str) -> None:
    number = program.alert(f"Looking {scheme}", scheme)
    page = sign_in("administrator", color_scheme=scheme)
    page.context.add_cookies([{"name": "language", "value": language, "url": program.url}])
    for path in PATHS:
        page.goto(program.url + path.replace("INC", number))
        page.locator("details").evaluate_all("folds => folds.forEach(fold => { fold.open = !fold.matches('.more'); })")
        keep_picture(page, f"{path.partition('?')[0].strip('/').replace('/', '-')}-{scheme}")
        assert faults(page) == [], path


def acknowledge_path(program: Program) -> str:
    """The path of the link in the newest message, which no page shows but in the demonstration."""
    with closing(sqlite3.connect(program.home / "incident.db")) as database:
        [webhook_id] = database.execute("SELECT webhook_id FROM messages ORDER BY id DESC LIMIT 1").fetchone()
    return f"/acknowledge/{acknowledge_token(KeyRing.load(program.home / 'keys.json'), webhook_id)}"


@pytest.mark.parametrize(("scheme", "language"), LOOKS)
def test_pages_of_everybody_on_a_phone(program: Program, sign_in: SignIn, scheme: str, language: str) -> None:
    program.alert(f"Calling {scheme}", f"call {scheme}")
    page = sign_in("administrator", color_scheme=scheme, viewport={"width": 390, "height": 844})
    link = acknowledge_path(program)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "language", "value": language, "url": program.url}])
    for path in ("/sign-in", "/report", "/receipt", link):
        page.goto(program.url + path)
        keep_picture(page, f"{path.split('/')[1]}-phone-{scheme}")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path


def test_no_page_is_wider_than_a_phone(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Ein sehr langer Titel ohne Leerzeichen: " + "x" * 200, "long")
    page = sign_in("administrator", viewport={"width": 390, "height": 844})
    for path in PATHS:
        page.goto(program.url + path.replace("INC", number))
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path


def test_the_keyboard_alone_acknowledges(program: Program, sign_in: SignIn) -> None:
    number = program.alert("By keyboard", "keys")
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    button = page.get_by_role("button", name=re.compile("Acknowledge.*Network operations"))
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("it => it === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("A coordinator")


def test_a_slash_leads_to_the_search(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
