"""Who was warned of a deadline: on the clocks, in inbox, ledger and journal, and by link."""

import datetime as dt

import pytest

from incident.actions.deadlines import clock_events
from incident.actions.operations import timers
from incident.store.notifications.notices import Notice, every_notice_of
from tests.web.office import BY, Browser, Office, incident_named

REPORT = "First report (Report of incidents of critical infrastructure)"


@pytest.fixture
def number(office: Office) -> str:
    """An incident of CERT with a deadline of an hour, half of which has passed."""
    office.browser("administrator").post("/organization", operator_class="cii", regions="330000")
    return warned(office, office.open("CERT"))


def warned(office: Office, number: str, minutes: int = 30) -> str:
    def use_case() -> None:
        at = office.hand.at - dt.timedelta(minutes=minutes)
        clock_events.put_awareness(incident_named(number).id, at, "Li", "alarm", None, BY, office.hand.at)
        timers.fire_due(office.hand.at)

    office.do(use_case)
    return number


def deadline(office: Office, number: str) -> Notice:
    def found() -> Notice:
        return next(one for one in every_notice_of(incident_named(number).id) if one.purpose == "deadline")

    return office.do(found)


def row_of(page: str, element: str) -> str:
    return page.partition(f'id="{element}"')[2].partition("</article>")[0]


def test_the_clocks_show_who_was_warned_whether_it_was_acknowledged_and_when_the_next_warning_comes(
    office: Office, number: str
) -> None:
    browser = office.browser("responder")
    page = browser.get(f"/incidents/{number}/clocks")
    assert "Warned: Emergency response" in page
    assert "Next warning:" in page
    assert "Warned: Emergency response" in browser.get("/clocks")
    office.browser("coordinator").post(f"/notices/{deadline(office, number).id}/acknowledge", **{"from": "inbox"})
    for path in (f"/incidents/{number}/clocks", "/clocks"):
        assert "acknowledged" in browser.get(path).partition("Warned: Emergency response")[2][:400]
    assert "已预警：" in office.browser("responder", "zh_Hans_CN").get("/clocks")


def test_the_inbox_shows_the_deadline_beside_the_incident_and_answers_them_apart(office: Office, number: str) -> None:
    across = office.browser("coordinator").get("/inbox?view=all")
    assert f"Deadline · {REPORT}" in across.partition(f'id="notice-{deadline(office, number).id}"')[2]
    other = warned(office, office.open("NOC"))
    notice, browser = deadline(office, other), office.browser("department")
    page = browser.get("/inbox")
    assert f"Deadline · {REPORT}" in row_of(page, f"notice-{notice.id}")
    assert "Deadline" not in row_of(page, f"notice-{office.notice(other, 'NOC')}")
    browser.post(f"/notices/{notice.id}/acknowledge", **{"from": "inbox"})
    assert (deadline(office, other).state, office.state_of(other, "NOC")) == ("acknowledged", "open")
    assert f"Deadline · {REPORT}" in row_of(browser.get("/inbox"), f"notice-{notice.id}")


def test_the_link_of_a_warning_acknowledges_the_deadline_and_not_the_incident(office: Office, number: str) -> None:
    link = office.link(number, 1)
    page = office.browser().get(link)
    assert f"<h1>{REPORT}</h1>" in page
    assert f'/incidents/{number}/clocks#clock-{deadline(office, number).subject_id}"' in page
    assert office.app.test_client().post(link).status_code == 200
    assert (deadline(office, number).state, office.state_of(number, "CERT")) == ("acknowledged", "open")


def test_of_a_red_incident_neither_inbox_nor_link_name_the_report_to_those_outside(office: Office) -> None:
    office.browser("administrator").post("/organization", operator_class="cii", regions="330000")
    number = warned(office, office.open("CERT", tlp="red"))
    assert "First report" not in office.browser().get(office.link(number, 1))
    number = warned(office, office.open("NOC", tlp="red"))
    page = office.browser("department").get("/inbox")
    assert f"notice-{deadline(office, number).id}" in page
    assert "First report" not in page


def test_ledger_certificate_and_journal_tell_the_deadline_from_the_incident(office: Office, number: str) -> None:
    browser: Browser = office.browser("coordinator")
    for path in ("ledger", "certificate"):
        assert f"Deadline: {REPORT}" in browser.get(f"/incidents/{number}/{path}")
    journal = browser.get(f"/incidents/{number}?journal=all")
    assert "50 % of the time has passed; warned: Emergency response" in journal
    assert "Deadline: Emergency response notified at level 1" in journal
    assert "1 of 1 have answered" not in journal


def test_the_incident_counts_the_departments_that_handle_it_and_no_deadlines(office: Office, number: str) -> None:
    office.acknowledge(number, "CERT")
    browser = office.browser("coordinator")
    assert "1 of 1 have answered" in browser.get(f"/incidents/{number}")
    assert number not in browser.get("/incidents?tab=unanswered")


def test_where_no_department_is_on_an_incident_its_deadline_says_that_no_one_is_warned(
    office: Office, number: str
) -> None:
    alone = warned(office, office.open())
    browser = office.browser("responder")
    page = browser.get(f"/incidents/{alone}/clocks")
    assert "No department is on this incident, so no one is warned." in page
    assert f'href="/incidents/{alone}#add-department"' in page
    assert "No department is on this incident" not in browser.get(f"/incidents/{number}/clocks")
    assert "#add-department" not in office.browser("reader").get(f"/incidents/{alone}/clocks")
    assert "该事件尚无部门参与" in office.browser("reader", "zh_Hans_CN").get("/clocks")
