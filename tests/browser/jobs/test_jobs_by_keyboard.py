"""Jobs of every day by keyboard alone: Tab, Enter, Space and typing, from the top of each page."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Program, SignIn, contain

MOST_TABS = 250
IS_FOCUSED = "it => it === document.activeElement"


@pytest.fixture(autouse=True)
def patience() -> None:
    """Give a loaded machine time."""
    expect.set_options(timeout=30_000)


class Keyboard:
    """A person at one page who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, what: Locator) -> None:
        """Press Tab until something has the focus; it must be seen then."""
        expect(what).to_have_count(1)
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if what.evaluate(IS_FOCUSED):
                expect(what).to_be_in_viewport()
                return
        pytest.fail(f"not reached by {MOST_TABS} tabs: {what}")

    def press(self, what: Locator, key: str = "Enter") -> None:
        """Go to something and press a key on it."""
        self.reach(what)
        self.page.keyboard.press(key)

    def type(self, what: Locator, text: str) -> None:
        """Go to a field, or to a list, and type."""
        self.reach(what)
        self.page.keyboard.type(text)


def test_the_keyboard_alone_logs_an_incident(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    keys = Keyboard(page)
    keys.press(page.get_by_role("link", name="New incident"))
    page.wait_for_url("**/incidents/new")
    keys.type(page.locator("#field-title"), "Logged without a mouse")
    keys.type(page.locator("#field-grade"), "I Cr")
    keys.press(page.get_by_role("checkbox", name="Network operations"), "Space")
    keys.press(page.get_by_role("button", name="Open the incident"))
    expect(page.locator(".war-head")).to_contain_text("Logged without a mouse")
    expect(page.locator(".war-head .grade-1")).to_be_visible()
    expect(page.locator(".notice")).to_contain_text("Network operations")


def test_the_keyboard_alone_does_the_next_task(program: Program, sign_in: SignIn) -> None:
    number = program.alert("A task without a mouse", "keyed task")
    page = sign_in("department")
    keys, work = Keyboard(page), page.locator("article", has_text=number)
    keys.press(work.get_by_role("button", name=re.compile("^Acknowledge")))
    expect(page.locator("[data-said]")).to_be_visible()
    keys.type(work.get_by_label("Hosts", exact=True), "2")
    keys.press(work.get_by_role("button", name=re.compile("^Done")))
    expect(page.locator("article", has_text=number).filter(has_text="Tell the owner").first).to_be_visible()


def test_the_keyboard_alone_closes_an_incident_whose_work_goes_on(program: Program, sign_in: SignIn) -> None:
    program.alert("Closed without a mouse", "keyed close")
    page = sign_in("coordinator")
    keys = Keyboard(page)
    keys.press(page.locator(".list .main a", has_text="Closed without a mouse"))
    keys.press(page.get_by_role("link", name="Close", exact=True))
    expect(page.get_by_label("Why is this work cancelled?")).to_be_focused()
    page.keyboard.type("It was a test of the sensor")
    page.keyboard.press("Enter")
    expect(page.locator(".war-sub")).to_contain_text("closed")


def test_the_keyboard_alone_links_a_report(program: Program, sign_in: SignIn) -> None:
    number = str(program.made("/incidents", {"title": "A copied web mail", "category": "NAPHISH"})["number"])
    program.made("/reports", {"text": "A strange mail", "category": "NAPHISH"})
    page = sign_in("coordinator")
    keys = Keyboard(page)
    keys.press(page.locator(".menu").get_by_role("link", name=re.compile("^Reports")))
    page.wait_for_url("**/reports")
    keys.press(page.locator(".list .main a", has_text="A strange mail"))
    keys.press(page.get_by_role("button", name=re.compile(f"^Link.*{number}")))
    expect(page.locator("[data-said]")).to_be_visible()
    expect(page.locator("main")).to_contain_text("A copied web mail")


def test_the_keyboard_alone_starts_a_playbook(program: Program, sign_in: SignIn) -> None:
    only_alerts = {"when": {"source": "generic"}, "set": {"departments": ["NOC"], "playbook": contain()["id"]}}
    program.put("/rules", {"rules": [only_alerts]})
    program.made("/incidents", {"title": "Started without a mouse", "departments": ["NOC"]})
    page = sign_in("coordinator")
    keys = Keyboard(page)
    keys.press(page.locator(".list .main a", has_text="Started without a mouse"))
    keys.type(page.locator("#playbook"), "Contain")
    keys.press(page.locator("#start-run").get_by_role("button", name="Start"))
    expect(page.get_by_role("heading", name="Who will be asked")).to_be_visible()
    keys.press(page.get_by_role("button", name="Start", exact=True))
    expect(page.locator("#runs")).to_contain_text("Isolate the hosts")


def test_the_keyboard_alone_hands_over_a_shift(program: Program, sign_in: SignIn) -> None:
    program.made("/people", {"login": "wang", "name": "Wang Fang", "role": "department", "department": "NOC"})
    members = [{"person": one, "position": "member"} for one in ("department", "wang")]
    program.put("/departments/NOC/members", {"members": members})
    turn = {"name": "day", "people": ["department", "wang"], "starts_on": "2026-01-05", "every": "P7D"}
    rota = {"rotations": [turn | {"handover": "09:00"}], "overrides": [], "leave": []}
    program.put("/departments/NOC/rota", rota)
    page = sign_in("department")
    keys = Keyboard(page)
    page.goto(f"{program.url}/inbox?view=mine")
    keys.press(page.get_by_role("link", name="Hand over the shift"))
    keys.type(page.get_by_role("combobox", name="Who takes over"), "Wang")
    keys.type(page.locator("#field-note"), "The bank calls back at ten.")
    keys.press(page.get_by_role("button", name="Hand over"))
    expect(page.locator("main")).to_contain_text("The bank calls back at ten.")
    expect(page.locator("main")).to_contain_text("Wang Fang")


def test_the_keyboard_alone_assigns_three_incidents(program: Program, sign_in: SignIn) -> None:
    for number in range(3):
        program.made("/incidents", {"title": f"Trojan {number}"})
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents?q=trojan")
    keys = Keyboard(page)
    keys.press(page.get_by_label("Select all on this page"), "Space")
    keys.press(page.locator("summary", has_text="Change the selected incidents"))
    keys.type(page.locator("#bulk-owner"), "A coord")
    keys.press(page.get_by_role("button", name="Assign", exact=True))
    expect(page.locator("#done li")).to_have_count(3)
    keys.press(page.get_by_role("link", name="Back to the list"))
    expect(page.locator(".list .main a", has_text="Trojan")).to_have_count(3)
    expect(page.locator(".list")).to_contain_text("A coordinator")


def test_the_keyboard_alone_adds_a_contact(program: Program, sign_in: SignIn) -> None:
    page = sign_in("administrator")
    page.goto(f"{program.url}/departments/NOC")
    keys = Keyboard(page)
    keys.press(page.locator("#new-contact summary"))
    keys.type(page.locator("#field-contact_name"), "Early desk")
    keys.type(page.locator("#channel"), "Inbox")
    keys.type(page.locator("#field-level"), "2")
    keys.press(page.locator("#new-contact").get_by_role("button", name="Add"))
    expect(page.locator("main")).to_contain_text("Early desk")
