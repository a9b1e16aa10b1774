"""Pages for calls to reporters whose number nobody at the desk sees."""

import dataclasses

import pytest

from incident.actions.directory.people import actor_of
from incident.actions.directory.tokens import make_token
from incident.call_settings import CallSettings
from incident.store.db.database import db
from incident.store.directory.people import Person, person_by_login
from incident.store.reports.report_calls import ReportCall
from incident.web.instance import KEY
from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import person
from tests.web.office import Office
from tests.web.pages.notifications.test_centre import lines
from tests.web.pages.reports.test_identity_requests import PHONE, leave_contact
from tests.web.pages.reports.test_public_reports import fields_of, receipt_of

CALL = "/reports/1/call"


@pytest.fixture
def with_telephone(office: Office) -> Office:
    here = office.app.extensions[KEY]
    calls = CallSettings("http://127.0.0.1:9/calls", {})
    office.app.extensions[KEY] = dataclasses.replace(here, settings=dataclasses.replace(here.settings, calls=calls))
    return office


def test_an_operator_makes_the_call_that_the_desk_requested_and_alone_sees_the_number(office: Office) -> None:
    leave_contact(office)
    desk, operator = office.browser("responder"), office.browser("coordinator")
    assert f'href="{CALL}"' in desk.get("/reports/1")
    assert "Your telephone number" not in desk.get(CALL)
    desk.post(CALL, status=422)
    form = fields_of(desk.get(CALL))
    for _ in range(2):  # a double click is one call
        desk.post(CALL, **form, purpose="when was it?")
    assert desk.post(CALL, status=409, purpose="again").text.count("A call to this reporter is under way.") == 1
    assert "Ask an operator" not in desk.get(CALL)
    assert (lines(operator), lines(desk)) == (["report_call*"], [])
    desk.post("/calls/1/number", status=403)
    assert PHONE not in operator.get("/calls")
    shown = operator.post("/calls/1/number", status=200)
    assert f'<a href="tel:{PHONE}">{PHONE}</a>' in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert lines(operator) == []
    assert PHONE in operator.post("/calls/1/number", status=200).text
    office.browser("administrator").post("/calls/1/number", status=409)
    operator.post("/calls/1/end", status=422, outcome="waiting")
    operator.post("/calls/1/end", outcome="placed")
    page = desk.get(CALL)
    assert "call made" in page
    assert PHONE not in page + desk.get("/reports/1") + operator.get("/journal")
    assert "No call waits for an operator." in operator.get("/calls")


def test_who_requested_a_call_does_not_make_it_and_can_cancel_it(office: Office) -> None:
    leave_contact(office)
    boss = office.browser("coordinator")
    boss.post(CALL, purpose="when was it?")
    assert "Another person must make it." in boss.get("/calls")
    assert PHONE not in boss.post("/calls/1/number", status=403).text
    office.browser("administrator").post("/calls/1/cancel", status=403)
    boss.post("/calls/1/cancel")
    office.browser("administrator").post("/calls/1/number", status=409)
    assert "cancelled" in boss.get(CALL)


def test_with_a_telephone_system_the_desk_gives_its_own_number_and_no_operator_is_asked(
    with_telephone: Office,
) -> None:
    leave_contact(with_telephone)
    desk = with_telephone.browser("responder")
    page = desk.post(CALL, status=422, purpose="when was it?", **{"from": "my desk"}).text
    assert "Enter your telephone number" in page
    assert "when was it?</textarea>" in page
    desk.post(CALL, purpose="when was it?", **{"from": "8012"})
    assert "waiting" in desk.get(CALL)
    assert lines(with_telephone.browser("coordinator")) == []
    with_telephone.browser("coordinator").post("/calls/1/number", status=409)


def test_a_report_without_a_number_has_no_button(office: Office) -> None:
    office.report()
    desk = office.browser("responder")
    assert CALL not in desk.get("/reports/1")
    assert "This reporter cannot be called." in desk.get(CALL)
    desk.post(CALL, status=409, purpose="when was it?")


def test_programs_request_calls_and_do_not_make_them(office: Office) -> None:
    leave_contact(office)
    desk, boss = person(office, "responder"), person(office, "coordinator")
    made = desk.made("/reports/1/calls", {"purpose": "when was it?"})
    assert (made["way"], made["state"], made["fault"]) == ("operator", "waiting", None)
    assert boss.seen("/calls")["items"] == desk.seen("/reports/1/calls")["items"] == [made]
    assert boss.done("/calls/1/number") == {"phone": PHONE}
    assert boss.done("/calls/1/end", {"outcome": "failed"})["state"] == "failed"
    again = desk.made("/reports/1/calls", {"purpose": "when was it?"})
    assert desk.done(f"/calls/{again['id']}/cancel")["state"] == "cancelled"
    assert desk.post("/calls/99/cancel").status_code == 404


def test_a_program_needs_its_number_for_a_telephone_system(with_telephone: Office) -> None:
    leave_contact(with_telephone)
    desk = person(with_telephone, "responder")
    for body in ({}, {"from": None}, {"from": "x"}):
        answer = desk.post("/reports/1/calls", {"purpose": "when?", **body})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/from")  # type: ignore[index]
    assert desk.made("/reports/1/calls", {"purpose": "when?", "from": "8012"})["way"] == "relay"


def test_who_made_the_token_of_a_program_does_not_make_the_call_that_it_requested(office: Office) -> None:
    leave_contact(office)
    by = office.do(lambda: actor_of(person_by_login("coordinator") or Person()))
    token = office.do(lambda: make_token("robot", "responder", None, by, office.hand.at).secret)
    Api(office.app.test_client(), token).made("/reports/1/calls", {"purpose": "when?"})
    assert PHONE not in office.browser("coordinator").post("/calls/1/number", status=403).text
    assert PHONE in office.browser("administrator").post("/calls/1/number", status=200).text


def test_who_works_on_a_report_makes_no_call_about_it(office: Office) -> None:
    leave_contact(office)
    office.browser("responder").post(CALL, purpose="when was it?")
    office.browser("coordinator").post("/reports/1/messages", text="We look at it.")
    assert lines(office.browser("coordinator")) == []
    assert (
        "Somebody who does not must make the call." in office.browser("coordinator").post("/calls/1/number", 403).text
    )


def test_another_operator_ends_a_call_whose_operator_has_gone(office: Office) -> None:
    leave_contact(office)
    office.browser("responder").post(CALL, purpose="when was it?")
    office.browser("coordinator").post("/calls/1/number", status=200)
    other = office.browser("administrator")
    page = other.get("/calls")
    assert "Nobody answered" in page
    assert "Show the number" not in page
    other.post("/calls/1/end", outcome="failed")
    office.browser("responder").post(CALL, purpose="again")


def test_calls_and_requests_end_when_a_report_is_restricted(office: Office) -> None:
    leave_contact(office)
    desk, boss = office.browser("responder"), office.browser("coordinator")
    asked = person(office, "responder").made("/reports/1/identity-requests", {"purpose": "x", "fields": ["phone"]})
    boss.post(f"/identity-requests/{asked['id']}/approve")
    desk.post(CALL, purpose="when was it?")
    office.browser("administrator").post("/reports/1/units", about_unit="NOC")
    secret = {"headers": {"Identity-Secret": asked["secret"]}}
    assert person(office, "responder").get(f"/identity-requests/{asked['id']}", **secret).status_code == 404
    assert lines(desk) == lines(boss) == []
    assert office.do(lambda: db.session.get_one(ReportCall, 1).fault) == "call.restricted"


def test_a_call_ends_when_the_reporter_withdraws(office: Office) -> None:
    receipt = receipt_of(leave_contact(office))
    office.browser("responder").post(CALL, purpose="when was it?")
    office.browser().post("/receipt/withdraw", status=200, receipt=receipt, sure="1")
    assert "No call waits for an operator." in office.browser("coordinator").get("/calls")
