"""Pages about contact details: left by a reporter, asked for, approved, read."""

import re

import pytest

from tests.web.office import Browser, Office
from tests.web.pages.reports.test_public_reports import count, fields_of, last, walk

NAME, PHONE = "欧阳明月", "13987654321"


def leave_contact(office: Office) -> str:
    """Report with a contact; return the page with the receipt."""
    browser = office.browser()
    answers = {"emergency": "none"}, {"kind": "question"}, {"text": "Is this page yours?"}
    page = walk(browser, *answers, {"name": NAME, "phone": PHONE})
    return browser.post("/report", status=201, **fields_of(page), go="send").text


def ask(browser: Browser) -> tuple[str, str]:
    """Ask for the telephone number; return the address of the request and its secret."""
    form = fields_of(browser.get("/reports/1/identity"))
    page = browser.post("/reports/1/identity", status=201, **form, fields="phone", purpose="to call back").text
    found = re.search(r'<form method="post" action="(/identity-requests/\d+)"', page)
    assert found is not None
    return found[1], fields_of(page)["secret"]


def test_a_reporter_may_leave_a_contact_and_is_told_how_it_is_kept(office: Office) -> None:
    assert "Your contact details are sealed." in leave_contact(office)
    assert last(office).protection == "sealed"


def test_who_leaves_nothing_is_anonymous_and_is_told_so(office: Office) -> None:
    browser = office.browser()
    page = walk(browser, {"emergency": "none"}, {"kind": "question"}, {"text": "Is it?"}, {})
    assert "your report is anonymous" in page
    assert "Your report is anonymous." in browser.post("/report", status=201, **fields_of(page), go="send").text


def test_what_must_be_protected_is_said_before_anything_is_typed(office: Office) -> None:
    browser = office.browser()
    category = {"category": "official_misconduct"}
    page = walk(browser, {"emergency": "none"}, {"kind": "tip"}, category, {"text": "A bribe"}, {}, {"about_us": "no"})
    assert "who are not appointed yet" in page
    assert 'name="phone"' not in page
    page = browser.post("/report", status=200, **fields_of(page), go="next").text
    refused = browser.post("/report", status=422, **fields_of(page) | {"name": NAME}, go="send").text
    assert "Send the report without contact details." in refused
    assert count(office) == 0
    browser.post("/report", status=201, **fields_of(page), go="send")
    assert last(office).protection == "anonymous"


def test_a_contact_is_read_by_its_requester_after_another_person_has_approved(office: Office) -> None:
    leave_contact(office)
    responder, coordinator = office.browser("responder"), office.browser("coordinator")
    assert "Ask for contact details" in responder.get("/reports/1")
    place, secret = ask(responder)
    assert "Nobody has approved this yet." in responder.post(place, status=200, secret=secret).text
    assert "to call back" in coordinator.get("/identity-requests")
    assert "Approve" in coordinator.get(place)
    coordinator.post(f"{place}/approve")
    coordinator.post(f"{place}/approve", status=409)
    assert PHONE not in coordinator.get(place) + responder.get(place)
    opened = responder.post(place, status=200, secret=secret)
    assert PHONE in opened.text
    assert NAME not in opened.text
    assert "no-store" in opened.headers["Cache-Control"]
    assert "not the secret" in responder.post(place, status=403, secret="x").text
    coordinator.post(place, status=404, secret=secret)


@pytest.mark.parametrize("given", [{}, {"fields": "phone"}, {"purpose": "to call"}, {"fields": "x", "purpose": "y"}])
def test_a_request_that_lacks_something_is_asked_again_and_nothing_is_lost(
    office: Office, given: dict[str, str]
) -> None:
    leave_contact(office)
    browser = office.browser("responder")
    page = browser.post("/reports/1/identity", status=422, **given).text
    assert f"{given.get('purpose', '')}</textarea>" in page
    assert "There are no open requests." in browser.get("/identity-requests")


def test_the_form_sent_twice_is_one_request_with_one_secret(office: Office) -> None:
    leave_contact(office)
    browser = office.browser("responder")
    form = fields_of(browser.get("/reports/1/identity")) | {"fields": "phone", "purpose": "to call"}
    first, second = (fields_of(browser.post("/reports/1/identity", status=201, **form).text) for _ in range(2))
    assert first["secret"] == second["secret"]


def test_requests_of_others_are_seen_by_those_who_approve_only(office: Office) -> None:
    leave_contact(office)
    place, _ = ask(office.browser("coordinator"))
    office.browser("responder").get(place, status=404)
    assert place not in office.browser("responder").get("/identity-requests")
    assert place in office.browser("administrator").get("/identity-requests")
    office.browser("responder").post(f"{place}/approve", status=404)
    office.browser("coordinator").post(f"{place}/approve", status=403)


def test_a_report_without_a_contact_has_no_form(office: Office) -> None:
    report = office.report()
    office.browser("responder").get(f"/reports/{report}/identity", status=404)


def test_the_page_of_protection_says_what_does_not_protect(office: Office) -> None:
    assert "Whoever controls our running server" in office.browser().get("/report/protection")
    assert "控制我们服务器的人" in office.browser().get("/report/protection?lang=zh")


def test_a_refusal_needs_a_reason_which_the_requester_reads(office: Office) -> None:
    leave_contact(office)
    responder, coordinator = office.browser("responder"), office.browser("coordinator")
    place, _ = ask(responder)
    page = coordinator.post(f"{place}/refuse", status=422).text
    assert "Why do you refuse?" in page
    coordinator.post(f"{place}/refuse", reason="You have the address of the sender.")
    page = responder.get(place)
    assert "You have the address of the sender." in page
    assert "Withdraw the request" not in page
    coordinator.post(f"{place}/approve", status=409)


def test_who_withdraws_a_request_is_shown_that_it_has_ended(office: Office) -> None:
    leave_contact(office)
    responder, coordinator = office.browser("responder"), office.browser("coordinator")
    place, secret = ask(responder)
    coordinator.post(f"{place}/approve")
    coordinator.post(f"{place}/withdraw", status=403)
    responder.post(f"{place}/withdraw")
    assert PHONE not in responder.post(place, status=200, secret=secret).text
    assert "withdrawn" in responder.get(place)
