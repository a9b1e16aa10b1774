"""Ten jobs of every day, each with the number of clicks, keys and fields that it takes.

Each begins on the page where a person is at that moment, signed in. `before` is what the job took when this was first
counted, where it was; `most` is the target. A job that takes more than its target fails.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Program, SignIn, contain
from tests.browser.hands import Hands


class Job(NamedTuple):
    """A job: actions when it was first counted (None: not counted), today's, and the most that it may take."""

    before: int | None
    today: int
    most: int


JOBS = {
    "log an incident": Job(before=9, today=5, most=5),
    "acknowledge": Job(before=None, today=1, most=1),
    "do the next task": Job(before=4, today=2, most=3),
    "close with override": Job(before=7, today=4, most=4),
    "link a report": Job(before=4, today=2, most=2),
    "start a playbook on a new incident": Job(before=None, today=4, most=4),
    "hand over a shift": Job(before=None, today=3, most=4),
    "find an incident": Job(before=None, today=4, most=4),
    "assign three incidents": Job(before=None, today=5, most=5),
    "add a contact": Job(before=None, today=5, most=5),
}


@pytest.fixture(autouse=True)
def patience() -> None:
    """Give a loaded machine time."""
    expect.set_options(timeout=30_000)


@contextmanager
def doing(job: str, page: Page) -> Iterator[Hands]:
    """Count what a job takes."""
    hands = Hands(page)
    yield hands
    assert JOBS[job].today <= JOBS[job].most
    assert hands.actions == JOBS[job].today, f"{job}: {vars(hands)}"


def test_log_an_incident(program: Program, sign_in: SignIn) -> None:
    page = sign_in("coordinator")
    with doing("log an incident", page) as hands:
        hands.click("link", "New incident")
        hands.type("#field-title", "Files are being encrypted")
        hands.choose("#field-grade", "1")
        hands.click("checkbox", "Network operations")
        hands.click("button", "Open the incident")
        expect(page.locator(".war-head")).to_contain_text("Files are being encrypted")
    expect(page.locator(".notice")).to_contain_text("Network operations")


def test_acknowledge_and_do_the_next_task(program: Program, sign_in: SignIn) -> None:
    number = program.alert("To be acknowledged", "acknowledge")
    page = sign_in("department")
    work = page.locator("article", has_text=number)
    with doing("acknowledge", page) as hands:
        hands.click("button", re.compile("^Acknowledge"), work)
        expect(page.locator("[data-said]")).to_be_visible()
    with doing("do the next task", page) as hands:
        hands.type(f"#{work.get_by_label('Hosts', exact=True).first.get_attribute('id')}", "2")
        hands.click("button", re.compile("^Done"), work)
        expect(page.locator("[data-said]")).to_be_visible()
    expect(page.locator("article", has_text=number).filter(has_text="Tell the owner").first).to_be_visible()


def test_close_with_override(program: Program, sign_in: SignIn) -> None:
    program.alert("A false alarm", "override")
    page = sign_in("coordinator")
    with doing("close with override", page) as hands:
        hands.tap(page.locator(".list .main a", has_text="A false alarm"))
        hands.click("link", "Close")
        expect(page.get_by_label("Why is this work cancelled?")).to_be_focused()
        hands.write("It was a test of the sensor")
        hands.press("Enter")
        expect(page.locator(".war-sub")).to_contain_text("closed")


def test_link_a_report(program: Program, sign_in: SignIn) -> None:
    number = str(program.made("/incidents", {"title": "A copied web mail", "category": "NAPHISH"})["number"])
    program.made("/reports", {"text": "A strange mail", "category": "NAPHISH"})
    page = sign_in("coordinator")
    page.goto(f"{program.url}/reports")
    with doing("link a report", page) as hands:
        hands.tap(page.locator(".list .main a", has_text="A strange mail"))
        hands.click("button", re.compile(f"^Link.*{number}"))
        expect(page.locator("[data-said]")).to_be_visible()
    expect(page.locator("main")).to_contain_text("A copied web mail")


def test_start_a_playbook_on_a_new_incident(program: Program, sign_in: SignIn) -> None:
    only_alerts = {"when": {"source": "generic"}, "set": {"departments": ["NOC"], "playbook": contain()["id"]}}
    program.put("/rules", {"rules": [only_alerts]})
    program.made("/incidents", {"title": "Opened a moment ago", "departments": ["NOC"]})
    page = sign_in("coordinator")
    with doing("start a playbook on a new incident", page) as hands:
        hands.tap(page.locator(".list .main a", has_text="Opened a moment ago"))
        hands.choose("#playbook", contain()["id"])
        hands.click("button", "Start")
        expect(page.get_by_role("heading", name="Who will be asked")).to_be_visible()
        hands.click("button", "Start")
        expect(page.locator("#runs")).to_contain_text("Isolate the hosts")


def test_hand_over_a_shift(program: Program, sign_in: SignIn) -> None:
    program.made("/people", {"login": "wang", "name": "Wang Fang", "role": "department", "department": "NOC"})
    members = [{"person": one, "position": "member"} for one in ("department", "wang")]
    program.put("/departments/NOC/members", {"members": members})
    turn = {
        "name": "day",
        "people": ["department", "wang"],
        "starts_on": "2026-01-05",
        "every": "P7D",
        "handover": "09:00",
    }
    program.put("/departments/NOC/rota", {"rotations": [turn], "overrides": [], "leave": []})
    page = sign_in("department")
    page.goto(f"{program.url}/inbox?view=mine")
    with doing("hand over a shift", page) as hands:
        hands.click("link", "Hand over the shift")
        hands.type("#field-note", "The bank calls back at ten.")
        hands.click("button", "Hand over")
        expect(page.locator("main")).to_contain_text("The bank calls back at ten.")


def test_find_an_incident(program: Program, sign_in: SignIn) -> None:
    program.alert("Beacon to a known server", "beacon")
    page = sign_in("coordinator")
    with doing("find an incident", page) as hands:
        hands.press("/")
        hands.write("beacon")
        hands.press("Enter")
        expect(page.locator("mark").first).to_have_text("Beacon")
        hands.tap(page.locator(".list .main a").first)
        expect(page.locator(".war-head")).to_contain_text("Beacon to a known server")


def test_assign_three_incidents(program: Program, sign_in: SignIn) -> None:
    for number in range(3):
        program.made("/incidents", {"title": f"Worm {number}"})
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents?q=worm")
    with doing("assign three incidents", page) as hands:
        hands.tap(page.get_by_label("Select all on this page"))
        hands.tap(page.get_by_text("Change the selected incidents"))
        hands.choose("#bulk-owner", "coordinator")
        hands.click("button", "Assign")
        expect(page.locator("#done li")).to_have_count(3)
        hands.click("link", "Back to the list")


def test_add_a_contact(program: Program, sign_in: SignIn) -> None:
    page = sign_in("administrator")
    page.goto(f"{program.url}/departments/NOC")
    with doing("add a contact", page) as hands:
        hands.tap(page.get_by_text("Add a contact"))
        hands.type("#field-contact_name", "Night desk")
        hands.choose("#channel", "inbox")
        hands.type("#field-level", "2")
        hands.click("button", "Add", page.locator("#new-contact"))
        expect(page.locator("main")).to_contain_text("Night desk")
