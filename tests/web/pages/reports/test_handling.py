"""People handle a report step by step, and the reporter reads how far it is."""

from typing import Any

import pytest

from incident.actions.directory.tokens import make_token
from incident.store.db.database import db
from incident.store.reports.report_steps import ReportStep
from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import person
from tests.web.office import Browser, Office
from tests.web.pages.reports.test_identity_requests import leave_contact
from tests.web.pages.reports.test_public_reports import fields_of, receipt_of

STEPS = "/reports/1/steps"


def take(browser: Browser, step: str, status: int = 303, **given: str) -> str:
    return browser.post(STEPS, status, step=step, **given).text


def test_a_report_is_handled_step_by_step_and_the_reporter_reads_the_reply(office: Office) -> None:
    receipt = receipt_of(leave_contact(office))
    desk = office.browser("responder")
    page = desk.get("/reports/1")
    assert "Do not accept" in page
    assert "Record what was found" not in page
    take(desk, "accept")
    take(desk, "verify")
    page = take(desk, "conclude", 422)
    assert page.count("Enter a value.") >= 2
    take(desk, "conclude", outcome="substantiated", reason="zqreason of the desk")
    take(desk, "handle")
    assert "Enter a value." in take(desk, "reply", 422)
    take(desk, "reply", message="The page is closed.")
    take(desk, "close")
    page = desk.get("/reports/1")
    assert "zqreason of the desk" in page
    assert page.index("Begin to verify") < page.index("substantiated") < page.index("It is handled")
    shown = office.browser().post("/receipt", status=200, receipt=receipt).text
    assert "The page is closed." in shown
    assert "zqreason" not in shown
    take(desk, "accept", 409)


def test_a_double_click_takes_a_step_once_and_of_two_people_the_second_is_asked_to_look_again(office: Office) -> None:
    leave_contact(office)
    desk, boss = office.browser("responder"), office.browser("coordinator")
    form = fields_of(desk.get("/reports/1"))
    given: dict[str, Any] = {"once": form["once"], "version": form["version"]}
    for _ in range(2):
        take(desk, "accept", **given)
    assert "accepted" in desk.get("/reports/1")
    take(boss, "verify", 412, version=given["version"])
    assert office.do(lambda: db.session.query(ReportStep).count()) == 1


def test_a_report_is_handed_over_and_merged_with_one_that_is_there(office: Office) -> None:
    leave_contact(office)
    other = office.report()
    desk = office.browser("responder")
    take(desk, "accept")
    take(desk, "hand_over", recipient="12315", reason="goods")
    assert "12315" in desk.get("/reports/1")
    assert "cannot be merged with itself" in take(desk, "merge", 409, into="1")
    take(desk, "merge", 404, into="99")
    take(desk, "merge", into=str(other))
    assert f'href="/reports/{other}"' in desk.get("/reports/1")
    take(desk, "merge", 409, into=str(other))


def test_an_objection_is_reviewed_by_somebody_else(office: Office) -> None:
    receipt = receipt_of(leave_contact(office))
    desk, boss = office.browser("responder"), office.browser("coordinator")
    assert "Enter a value." in take(desk, "refuse", 422, reason="not ours")
    take(desk, "refuse", reason="not ours", message="Ask 12315.")
    review: dict[str, Any] = {"outcome": "reopened", "reason": "it is ours"}
    take(boss, "review", 409, **review)
    office.browser().post("/receipt/message", status=200, receipt=receipt, kind="objection", text="It is yours!")
    assert "Review the objection" not in desk.get("/reports/1")
    assert "Review the objection" in boss.get("/reports/1")
    take(desk, "review", 403, **review)
    take(boss, "review", **review)
    page = boss.get("/reports/1")
    assert "being verified" in page
    assert "Verify it again" in page


@pytest.mark.parametrize("step", ["", "steal"])
def test_an_unknown_step_is_refused(office: Office, step: str) -> None:
    leave_contact(office)
    take(office.browser("responder"), step, 409)


def test_programs_take_steps_over_the_api_with_the_version_that_they_read(office: Office) -> None:
    leave_contact(office)
    desk = person(office, "responder")
    seen = desk.get("/reports/1")
    assert seen.json["possible_steps"] == ["accept", "refuse", "verify", "merge"]  # type: ignore[index]
    etag = {"headers": {"If-Match": seen.headers["ETag"]}}
    assert desk.done("/reports/1/accept", {}, **etag)["state"] == "accepted"
    assert desk.post("/reports/1/verify", {}, **etag).status_code == 412
    assert desk.post("/reports/1/hand-over", {}).status_code == 422
    moved = desk.done("/reports/1/hand-over", {"recipient": "12315", "reason": "goods"})
    assert moved["state"] == "handed_over"
    last = moved["steps"][-1]
    assert (last["step"], last["before"], last["recipient"], last["reason"]) == (
        "hand_over",
        "accepted",
        "12315",
        "goods",
    )
    assert desk.post("/reports/1/conclude", {"outcome": "steal"}).status_code == 422
    assert desk.post("/reports/1/reply", {}).json["errors"][0]["pointer"] == "/message"  # type: ignore[index]
    assert desk.post("/reports/1/merge", {"into": 99}).status_code == 404


def test_a_program_does_not_review_what_its_owner_has_handled(office: Office) -> None:
    leave_contact(office)
    desk = person(office, "responder")
    desk.done("/reports/1/refuse", {"reason": "not ours", "message": "Ask 12315."})
    token = office.do(
        lambda: make_token("robot", "responder", None, "person:3:Person responder", office.hand.at).secret
    )
    robot = Api(office.app.test_client(), token)
    answer = robot.post("/reports/1/review", {"outcome": "upheld", "reason": "fine"})
    assert (answer.status_code, answer.json["code"]) == (403, "approval.not_by_person")  # type: ignore[index]


def test_a_merged_report_does_not_name_one_that_was_restricted_later(office: Office) -> None:
    leave_contact(office)
    other = office.report()
    desk = office.browser("responder")
    take(desk, "merge", into=str(other))
    desk.post(f"/reports/{other}/units", about_unit="NOC")
    assert f"/reports/{other}" not in desk.get("/reports/1")
    assert person(office, "responder").seen("/reports/1")["steps"][-1]["into"] is None
