"""A night of an operator of critical infrastructure, from the outage to the report that an auditor reads.

The program runs at 02:10 of a night: its clock is shifted. Afterwards it runs a year later.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from incident import clock
from incident.config import shipped
from incident.core.cacao import load
from tests.browser.conftest import PASSWORD, Program, SignIn, keep_picture
from tests.browser.hands import Hands
from tests.browser.test_access import faults
from tests.shifted import shifted

PHONE = {"width": 390, "height": 844}
ZONE = ZoneInfo("Asia/Shanghai")
STARTING = dt.timedelta(seconds=5)
"""How long the program takes to start at least: its first moment of work is after 02:10."""


class Night(Program):
    """An operator of critical infrastructure with a duty office, at night."""

    def furnish(self) -> None:
        """Add people, the duty office, the playbook of the reports and the profile of the organisation."""
        super().furnish()
        self.add_person("reader", "An auditor", "reader", PASSWORD)
        self.made("/departments", {"code": "duty-office", "name": "Duty office / 值班室"})
        self.made("/departments/duty-office/contacts", {"name": "Desk", "channel": "inbox", "level": 1})
        self.made("/playbooks", notify_authority())
        self.put("/organization/profile", {"operator_class": "cii", "sectors": ["energy"], "regions": ["330000"]})

    @property
    def now(self) -> dt.datetime:
        """The time of the program, where it works."""
        return clock.now().astimezone(ZONE) + dt.timedelta(seconds=int(self.environ["TEST_TIME_SHIFT"]))

    def opened(self) -> str:
        """An outage that began at 01:35, with the playbook of the reports."""
        began = self.now.replace(hour=1, minute=35, second=0, microsecond=0)
        facts = {
            "title": "Outage of the control centre",
            "description": "No values since 01:35.",
            "occurred_at": began.isoformat(),
        }
        number = str(self.made("/incidents", facts | {"departments": ["duty-office"]})["number"])
        variables = {"__matter__": "security"}
        self.made(f"/incidents/{number}/runs", {"playbook": notify_authority()["id"], "variables": variables})
        return number


def notify_authority() -> Any:
    """The supplied playbook of the reports to authorities."""
    return load((shipped("playbooks") / "notify-authority.yaml").read_bytes(), "yaml")


@pytest.fixture(scope="module")
def program(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """The program at ten past two of the next night."""
    folder = tmp_path_factory.mktemp("night")
    tomorrow = clock.now().astimezone(ZONE).date() + dt.timedelta(days=1)
    at = dt.datetime.combine(tomorrow, dt.time(2, 10), ZONE) - STARTING
    made = Night(folder / "home", **shifted(folder, int((at - clock.now()).total_seconds())))
    made.start()
    made.furnish()
    yield made
    made.end()


def typed(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def record_awareness(page: Page, program: Night, number: str) -> None:
    """Record on the page of the deadlines that the shift lead knew of it at ten past two."""
    page.goto(f"{program.url}/incidents/{number}/clocks")
    page.locator("#aware-at").fill(f"{program.now:%Y-%m-%d} 02:10")
    page.locator("#aware-who").fill("Li Wei, shift lead")
    page.locator("#aware-how").fill("Call of the control centre")
    page.locator("#awareness").get_by_role("button", name="Record").click()
    expect(page.locator("#running")).to_contain_text("First report")


def answer_three_questions(page: Page, program: Night, number: str) -> None:
    """Answer what is known at ten past two, on the page of the grading."""
    page.goto(f"{program.url}/incidents/{number}/grading")
    minutes = (program.now.hour * 60 + program.now.minute) - 95
    page.locator("#field-number-cii_down_minutes").fill(str(minutes))
    page.locator("#field-number-persons_leaked").fill("0")
    page.locator("#q-portal_level label", has=page.locator("input[value=none]")).click()


def is_an_hour(page: Page, selector: str) -> None:
    """Check that the countdown of the first report stands at sixty minutes, or some fewer after a slow start."""
    text = page.locator(selector).first.inner_text()
    assert re.search(r"\b(5[3-9]|60)\b|\b1 h", text), text


def test_an_outage_at_night_is_graded_filed_watched_and_audited(program: Night, sign_in: SignIn) -> None:
    expect.set_options(timeout=15_000)
    number = program.opened()
    page = sign_in("coordinator", viewport=PHONE)
    hands = Hands(page)
    page.goto(f"{program.url}/incidents/{number}")
    keep_picture(page, "night-incident-before")
    record_awareness(page, program, number)
    keep_picture(page, "night-clocks-phone")

    answer_three_questions(page, program, number)
    proved = page.locator("#grade-result")
    expect(proved).to_contain_text("At least III Moderate")
    growing = proved.locator("li", has_text="from")
    expect(growing.nth(0)).to_contain_text(re.compile("II Major.*03:35"))
    expect(growing.nth(1)).to_contain_text(re.compile("I Critical.*07:35"))
    keep_picture(page, "night-grading-phone")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.locator("#grade-result")).to_contain_text("At least III Moderate")
    page.locator("#decide select").select_option("2")
    page.locator("#field-reason").fill("It will not be mended before 03:35")
    page.get_by_role("button", name="Decide the grade").click()
    expect(page.locator("#decisions")).to_contain_text("II Major")

    page.goto(f"{program.url}/incidents/{number}")
    is_an_hour(page, "#law-clock")
    keep_picture(page, "night-incident-phone")
    page.goto(f"{program.url}/clocks")
    first = page.locator("#running li").first
    expect(first).to_contain_text("First report")
    expect(first).to_contain_text("Department for the protection of critical infrastructure")
    expect(first).to_contain_text("Police")
    is_an_hour(page, "#running li")
    keep_picture(page, "night-list-phone")
    page.goto(f"{program.url}/incidents/{number}/clocks")
    is_an_hour(page, "#running li")

    page.goto(f"{program.url}/incidents/{number}")
    row = page.locator("#now .task-row", has_text="Grade it and find the time limit")
    row.locator("label", has_text="Critical information infrastructure").click()
    row.locator("button[value=succeeded]").click()
    filing = page.locator("#now .task-row", has_text="File: First report")
    expect(filing).to_contain_text("This task ends when the report is filed.")
    keep_picture(page, "night-task-phone")
    hands.tap(filing.get_by_role("link", name="File the report"))
    form = page.locator("form", has=page.get_by_role("button", name="Record the filing")).locator("visible=true").first
    keep_picture(page, "night-filing-phone")
    hands.tap(form.get_by_role("button", name="Record the filing"))
    expect(page.locator("#others")).to_contain_text("not proved")
    assert (hands.actions, hands.typed) == (2, 0)
    watched = page.locator("#others li", has_text="Onward report by the recipient")
    expect(watched).to_contain_text("not started")

    reported = page.locator("#others > ul > li", has=page.locator("strong", has_text="First report"))
    reported.get_by_text("Record a filing").first.click()
    reported.locator("select[name=channel]").select_option("portal")
    reported.locator("input[name=receipt_number]").fill("12387-0042")
    reported.get_by_role("button", name="Record the filing").click()
    expect(page.locator("#others")).to_contain_text("receipt 12387-0042")
    onward = page.locator("#running li", has_text="Onward report by the recipient")
    expect(onward).to_contain_text("you only watch it")
    expect(onward).to_contain_text(re.compile(r"\b(2[0-9]|30) ?min|\b(2[0-9]|30)\b"))

    page.locator("#handled-at").fill(typed(program.now))
    page.locator("#handled").get_by_role("button", name="Record").click()
    due = program.now + dt.timedelta(days=30)
    summary = page.locator("#running li", has_text="Summary report")
    expect(summary).to_contain_text(f"{due.day} {due:%b}")
    keep_picture(page, "night-clocks-after")
    page.goto(f"{program.url}/incidents/{number}")
    expect(page.locator("#ended-tasks")).to_contain_text("File: First report")


def wait(program: Night, days: int) -> None:
    """Start the program again some days later."""
    program.stop()
    program.environ["TEST_TIME_SHIFT"] = str(int(program.environ["TEST_TIME_SHIFT"]) + days * 86_400)
    program.start()


def test_a_year_later_an_auditor_reads_that_each_deadline_was_kept_or_why_not(program: Night, sign_in: SignIn) -> None:
    number = f"INC-{program.now.year}-000001"
    wait(program, 20)
    found = program.call("GET", f"/incidents/{number}/clocks", program.administrator).json()["items"]
    clocks = {one["stage"]: one for one in found}
    filing = {
        "channel": "portal",
        "at": program.now.isoformat(),
        "to": "protection department",
        "receipt_number": "S-1",
    }
    program.made(f"/clocks/{clocks['summary']['id']}/file", filing)
    reason = {"reason": "The department reported by telephone in our presence"}
    waived = program.call("POST", f"/clocks/{clocks['upward']['id']}/waive", program.administrator, reason)
    assert waived.status_code == 200, waived.text
    wait(program, 345)
    page = sign_in("reader")
    page.goto(f"{program.url}/incidents/{number}/clocks")
    page.get_by_role("link", name="For auditors, to print").click()
    report = page.locator("article.report")
    keep_picture(page, "night-audit")
    expect(report.get_by_role("button")).to_have_count(0)
    expect(report).to_contain_text("TLP:")
    table = report.locator("section", has_text="Each deadline").locator("tbody tr")
    kept = [one.rpartition("\t")[2].partition("\n")[0] for one in table.all_inner_texts()]
    assert kept == ["Kept", "Waived", "Kept"]
    told = report.inner_text()
    for words in (
        "Li Wei, shift lead",
        "Call of the control centre",
        "02:10",
        "It will not be mended before 03:35",
        "12387-0042",
        "A coordinator",
        reason["reason"],
    ):
        assert words in told, words
    assert told.index("Known since") < told.index("filed to")
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    keep_picture(page, "night-audit-phone")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
