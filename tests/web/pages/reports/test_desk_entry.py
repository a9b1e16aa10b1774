"""A call, a letter or a visit is entered by the desk: read back, received, and its receipt shown once."""

import re

import pytest

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.queries.report_list import EVERY, list_reports
from incident.store.reports.reports import Report
from tests.web.office import Browser, Office
from tests.web.pages.reports.test_public_reports import fields_of, receipt_of

CALL = {"channel": "phone", "taken_at": "2026-11-20 08:30", "kind": "tip", "text": "A shop sells data of pupils"}


def last(office: Office) -> Report:
    return office.do(lambda: list_reports(Viewer("administrator"), EVERY, None, 1)[0])


def count(office: Office) -> int:
    return office.do(lambda: len(list_reports(Viewer("administrator"), EVERY, None, 100)))


def read_back(browser: Browser, **changed: str) -> dict[str, str]:
    """Enter a report; return the hidden fields of the page on which it is read back."""
    key = fields_of(browser.get("/reports/new"))["key"]
    return fields_of(browser.post("/reports/new", 200, **CALL | changed, key=key, go="next").text)


def test_a_call_is_entered_read_back_and_its_receipt_opens_the_report(office: Office) -> None:
    browser = office.browser("responder")
    sent = read_back(browser, category="fraud", loss="3000", emergency="money")
    assert count(office) == 0
    answer = browser.post("/reports/new", 201, **sent, go="send", is_read_back="1")
    assert answer.headers["Cache-Control"] == "no-store"
    found = last(office)
    assert (found.channel, found.category, found.loss, found.emergency) == ("phone", "fraud", 3000, "money")
    assert found.taken_at is not None
    office.browser().post("/receipt", 200, receipt=receipt_of(answer.text))
    [entry] = office.do(lambda: db.session.scalars(db.select(Entry).filter_by(event_type="report.received")).all())
    assert entry.actor.startswith("person:")
    assert "pupils" not in entry.detail


def test_what_was_not_read_back_is_not_received_and_nothing_is_lost(office: Office) -> None:
    browser = office.browser("responder")
    page = browser.post("/reports/new", 422, **read_back(browser), go="send").text
    assert "Read the report back to the person" in page
    assert fields_of(page)["text"] == CALL["text"]
    assert count(office) == 0


def test_a_contact_and_what_identifies_goes_straight_into_the_seal(office: Office) -> None:
    browser = office.browser("responder")
    told = {"text": "I am the class teacher of 3b. My number is 13800138000.", "name": "Li Wei", "phone": "13912345678"}
    sent = read_back(browser, **told)
    assert sent["phone"] == told["phone"]
    receipt_of(browser.post("/reports/new", 201, **sent, go="send", is_read_back="1").text)
    found = last(office)
    page = browser.get(f"/reports/{found.id}")
    assert found.protection == "sealed"
    for secret in ("13912345678", "13800138000", "class teacher", "Li Wei"):
        assert secret not in found.text
        assert secret not in page
    assert "〔已封存 1〕" in found.text
    faulty = browser.post("/reports/new", 422, **sent | {"text": "", "name": "Li Wei"}, go="next").text
    assert 'value="Li Wei"' in faulty


def test_a_letter_is_not_read_back(office: Office) -> None:
    browser = office.browser("responder")
    browser.post("/reports/new", 201, **read_back(browser, channel="letter"), go="send")
    assert last(office).channel == "letter"


def test_the_desk_goes_back_and_changes_what_it_typed(office: Office) -> None:
    browser = office.browser("responder")
    page = browser.post("/reports/new", 200, **read_back(browser), go="change").text
    assert "A shop sells data of pupils</textarea>" in page
    assert 'value="2026-11-20 08:30"' in page


def test_all_faults_are_shown_at_once_next_to_their_fields(office: Office) -> None:
    page = office.browser("responder").post(
        "/reports/new", 422, channel="web", taken_at="yesterday", kind="?", text=" ", loss="much", go="next"
    ).text  # fmt: skip
    for name in ("channel", "taken_at", "kind", "text", "loss"):
        assert f'id="field-{name}-fault"' in page or f"field-{name}" in page, name
    assert page.count('class="fault"') >= 3


def test_the_same_form_sent_twice_is_one_report_with_one_receipt(office: Office) -> None:
    browser = office.browser("responder")
    sent = read_back(browser) | {"go": "send", "is_read_back": "1"}
    first, second = (receipt_of(browser.post("/reports/new", 201, **sent).text) for _ in range(2))
    assert first == second
    assert count(office) == 1


def test_similar_reports_are_shown_beside_while_typing(office: Office) -> None:
    same = office.report("The shop at mall-77.example sells addresses")
    other = office.report("A false bank", receipt="other")
    browser = office.browser("responder")
    page = browser.get("/reports/new")
    assert "vendor/htmx.min.js" in page
    assert 'hx-post="/reports/similar"' in page
    part = browser.post("/reports/similar", 200, text="They sell them on mall-77.example", url="").text
    assert f'href="/reports/{same}"' in part
    assert f'href="/reports/{other}"' not in part
    assert "<html" not in part
    assert "No similar reports" in browser.post("/reports/similar", 200, text="x", url="http://[").text


@pytest.mark.parametrize("role", ["reader", "department", None])
def test_others_cannot_enter_reports(office: Office, role: str | None) -> None:
    status = 303 if role is None else 403
    office.browser(role).get("/reports/new", status)
    assert re.search("Enter a report", office.browser("responder").get("/reports"))
