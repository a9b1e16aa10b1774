"""The public report form, and the status page by receipt."""

import hashlib
import re

import pytest
from sqlalchemy import select

from incident.actions.reports import reports
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.operations.instance import IdempotencyRecord
from incident.store.queries.report_list import list_reports
from tests.web.office import BY, Browser, Office


def receipt_of(page: str) -> str:
    found = re.search(r'id="receipt">([A-Z2-7-]+)<', page)
    assert found is not None
    return found[1]


def key_of(browser: Browser) -> str:
    found = re.search(r'name="key" value="([^"]+)"', browser.get("/report"))
    assert found is not None
    return found[1]


def count(office: Office) -> int:
    return office.do(lambda: len(list_reports(Viewer("administrator"), None, None, None, 100)))


def test_nobody_is_asked_who_they_are(office: Office) -> None:
    page = office.browser().get("/report")
    names = re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page)
    assert sorted(set(names)) == ["category", "key", "occurred_at", "text", "url"]


def test_a_report_gets_a_receipt_that_opens_it_again_however_it_is_written(office: Office) -> None:
    browser = office.browser()
    form = {
        "text": "A strange\r\nmail",
        "category": "MPRANS",
        "url": "http://evil.example/",
        "occurred_at": "2026-11-21T08:00",
    }
    receipt = receipt_of(browser.post("/report", status=201, **form).text)
    assert re.fullmatch(r"[A-Z2-7]{5}(-[A-Z2-7]{5}){3}", receipt)
    answer = browser.post("/receipt", status=200, receipt=receipt.lower().replace("-", " "))
    assert "We have received your report." in answer.text
    assert "strange" not in answer.text


def test_the_receipts_page_follows_the_report(office: Office) -> None:
    receipt = "AAAAA-BBBBB-CCCCC-DDDDD"
    report, number = office.report(receipt=receipt), office.open("NOC")
    identity = office.incident(number).id
    office.do(lambda: reports.link_report(identity, report, BY, office.hand.at))
    assert "an incident that we are working on" in office.browser().post("/receipt", status=200, receipt=receipt).text


def test_the_button_pressed_twice_makes_one_report_with_one_receipt(office: Office) -> None:
    browser = office.browser()
    form = {"text": "A strange mail", "key": key_of(browser)}
    first, second = (browser.post("/report", status=201, **form).text for _ in range(2))
    assert receipt_of(first) == receipt_of(second)
    assert count(office) == 1
    browser.post("/report", status=201, **form | {"text": "Something else"})
    assert count(office) == 2


def test_what_is_kept_of_a_form_tells_nothing_to_who_tries_reports(office: Office) -> None:
    form = {"text": "my boss", "key": "k1"}
    office.browser().post("/report", status=201, **form)
    bare = hashlib.sha256(repr(sorted(form.items())).encode()).hexdigest()
    [kept] = office.do(lambda: [(one.key, one.request_hash) for one in db.session.scalars(select(IdempotencyRecord))])
    assert kept[0].startswith("k1:1~")
    assert bare not in repr(kept)


def test_an_empty_report_is_refused_and_the_rest_is_kept(office: Office) -> None:
    answer = office.browser().post("/report", status=422, text=" ", url="http://evil.example/")
    assert "Enter a value." in answer.text
    assert 'value="http://evil.example/"' in answer.text


@pytest.mark.parametrize(
    "form", [{"text": "a\x00b"}, {"text": "x" * 20_001}, {"text": "x", "occurred_at": "9999-12-31T23:59"}]
)
def test_what_cannot_be_kept_is_refused(office: Office, form: dict[str, str]) -> None:
    office.browser().post("/report", status=422, **form)
    assert count(office) == 0


def test_a_receipt_that_was_never_given_opens_nothing(office: Office) -> None:
    answer = office.browser().post("/receipt", status=404, receipt="AAAAA-AAAAA-AAAAA-AAAAA")
    assert "No report has this receipt" in answer.text


def test_receipts_cannot_be_tried_out_for_long(office: Office) -> None:
    for _ in range(30):
        office.browser().post("/receipt", status=404, receipt="AAAAA")
    office.browser().post("/receipt", status=429, receipt="AAAAA")


def test_reports_from_one_address_are_limited(office: Office) -> None:
    for count_of_it in range(30):
        office.browser().post("/report", status=201, text=f"report {count_of_it}")
    answer = office.browser().post("/report", status=429, text="typed with care")
    assert "typed with care</textarea>" in answer.text


def test_the_page_with_the_receipt_is_not_kept_and_names_nobody_to_others(office: Office) -> None:
    answer = office.browser().post("/report", status=201, text="A strange mail")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
