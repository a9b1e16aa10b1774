"""Decisions not to report, and what waits for a second person, in the API: two people, and no program."""

import datetime as dt
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.plugins.app import Api, Speaker
from tests.web.office import Office

LAW = {"regime": "cn-cac-cii", "reason": "a test system"}


def person(office: Office, role: str) -> Api:
    """A person who is signed in and uses the API from our own page."""
    api = Api(office.browser(role).client)
    api.headers = {"Sec-Fetch-Site": "same-origin"}
    return api


def refused(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


@pytest.fixture
def number(office: Office) -> str:
    assert person(office, "administrator").put("/organization/profile", {"operator_class": "cii"}).status_code == 200
    number = office.open("CERT")
    aware = {"at": office.hand.at.isoformat(), "who": "Li Wei", "how": "an alarm"}
    assert person(office, "responder").put(f"/incidents/{number}/awareness", aware).status_code == 200
    return number


def proposed(api: Api, number: str, **headers: str) -> Any:
    answer = api.post(f"/incidents/{number}/decisions/not-reportable", LAW, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json


def test_one_person_proposes_and_another_confirms_that_an_incident_is_not_reported(office: Office, number: str) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    decision = proposed(one, number)
    assert (decision["state"], decision["incident"], decision["confirmed_by"]) == ("awaiting_second", number, None)
    assert one.seen("/approvals") == {"items": []}
    [item] = other.seen("/approvals")["items"]
    assert (item["kind"], item["regime"], item["content_hash"], item["confirm"]) == (
        "not_reportable",
        "cn-cac-cii",
        decision["content_hash"],
        f"/decisions/{decision['id']}/confirm",
    )
    assert refused(one.post(item["confirm"])) == (409, "approval.is_given")
    confirmed = other.done(item["confirm"])
    assert (confirmed["state"], confirmed["confirmed_by"].split(":")[0]) == ("in_force", "person")
    assert refused(other.post(item["confirm"])) == (409, "approval.not_waiting")
    clocks = one.seen(f"/incidents/{number}/clocks")["items"]
    assert {clock["state"] for clock in clocks} == {"not_applicable"}
    assert clocks[0]["because"][-1]["decision"] == decision["id"]
    assert refused(one.post(f"/incidents/{number}/decisions/not-reportable", LAW)) == (409, "decision.not_asked")
    assert one.seen(f"/incidents/{number}/decisions")["items"] == [confirmed]


def test_a_decision_is_reviewed_after_a_day_and_taken_back_at_any_time(office: Office, number: str) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    decision = other.done(f"/decisions/{proposed(one, number)['id']}/confirm")
    [review] = one.seen("/reviews")["items"]
    assert (review["kind"], review["id"], review["is_due"]) == ("not_reportable", decision["id"], False)
    assert refused(one.post(review["review"], {"reason": "it stands"})) == (409, "review.not_due")
    office.next_day()
    one, other = person(office, "responder"), person(office, "coordinator")
    [review] = one.seen("/reviews")["items"]
    assert review["is_due"] is True
    assert one.post(review["review"], {}).status_code == 422
    reviewed = one.done(review["review"], {"reason": "it stands"})
    assert (reviewed["review_due_at"], reviewed["reviewed_by"] is None) == (None, False)
    assert one.seen("/reviews") == {"items": []}
    ended = other.done(f"/decisions/{decision['id']}/withdraw", {"reason": "no test system"})
    assert ended["state"] == "outdated"
    assert one.seen("/clocks")["items"][0]["state"] == "undetermined"


def test_an_ordinary_grade_is_reviewed_in_the_same_way(office: Office, number: str) -> None:
    one = person(office, "responder")
    decision = one.made(f"/incidents/{number}/grading/decide", {"grade": 4, "reason": "a small one"})
    assert dt.datetime.fromisoformat(decision["review_due_at"]) == office.hand.at + dt.timedelta(hours=24)
    assert one.put(f"/incidents/{number}/grading/answers", {"answers": {"views": 1}}).status_code == 200
    [review] = one.seen("/reviews")["items"]
    assert (review["kind"], review["grade"], review["is_due"]) == ("grade", 4, True)
    assert one.done(review["review"], {"reason": "few views"})["review_due_at"] is None


def test_each_kind_that_waits_says_what_is_proposed_and_where_it_is_confirmed(office: Office, number: str) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    office.hand.forward(minutes=10)
    at = office.hand.at.isoformat()
    one.put(f"/incidents/{number}/grading/answers", {"answers": {"persons_leaked": 10**7}})
    one.post(f"/incidents/{number}/grading/decide", {"grade": 3, "reason": "test records"})
    later = {"at": at, "who": "Li Wei", "how": "a call", "reason": "a false alarm before"}
    assert one.put(f"/incidents/{number}/awareness", later).status_code == 202
    assert one.put(f"/incidents/{number}/handled", {"at": at}).status_code == 200
    office.hand.forward(minutes=10)
    again = {"at": office.hand.at.isoformat(), "reason": "one more host"}
    assert one.put(f"/incidents/{number}/handled", again).status_code == 202
    proposed(one, number)
    items = {item["kind"]: item for item in other.seen("/approvals")["items"]}
    assert items["grade"]["grade"] == 3
    assert dt.datetime.fromisoformat(items["awareness"]["happened_at"]) == dt.datetime.fromisoformat(at)
    assert items["handling_ended"]["reason"] == "one more host"
    wrong = items["awareness"]["confirm"].replace("awareness", "handled")
    assert other.post(wrong).status_code == 404
    for item in reversed(items.values()):  # a grade that is decided outdates what waits for it
        assert item["incident"] == number
        assert other.done(item["confirm"])["state"] == "in_force"
    assert other.seen("/approvals") == {"items": []}


def test_what_has_expired_is_outdated_and_refused(office: Office, number: str) -> None:
    decision = proposed(person(office, "responder"), number)
    office.next_day()
    other = person(office, "coordinator")
    assert other.seen("/approvals") == {"items": []}
    [shown] = other.seen(f"/incidents/{number}/decisions")["items"]
    assert shown["state"] == "outdated"
    assert refused(other.post(f"/decisions/{decision['id']}/confirm")) == (409, "approval.has_expired")


def test_a_program_proposes_confirms_and_reviews_nothing(office: Office, number: str, speak_sqlite: Speaker) -> None:
    program, decision = speak_sqlite("coordinator"), proposed(person(office, "responder"), number)
    path = f"/incidents/{number}/decisions/not-reportable"
    assert refused(program.post(path, LAW)) == (403, "approval.not_by_person")
    assert refused(program.post(f"/decisions/{decision['id']}/confirm")) == (403, "approval.not_by_person")
    path = f"/decisions/{decision['id']}/review"
    assert refused(program.post(path, {"reason": "it stands"})) == (403, "approval.not_by_person")


def test_the_same_key_proposes_once_and_faults_are_at_their_places(office: Office, number: str) -> None:
    one = person(office, "responder")
    key = {"Idempotency-Key": "k"}
    assert proposed(one, number, **key) == proposed(one, number, **key)
    path = f"/incidents/{number}/decisions/not-reportable"
    unknown = one.post(path, {"regime": "nonsense", "reason": "x"})
    assert refused(unknown) == (422, "decision.no_clock")
    assert one.post(path, {"regime": "cn-cac-cii"}).status_code == 422


def test_decisions_on_an_incident_that_one_may_not_see_do_not_exist(office: Office, number: str) -> None:
    decision = proposed(person(office, "coordinator"), number)
    version = person(office, "coordinator").get(f"/incidents/{number}").headers["ETag"]
    red = {"tlp": "red"}
    headers = {"If-Match": version}
    assert person(office, "coordinator").patch(f"/incidents/{number}", red, headers=headers).status_code == 200
    one = person(office, "responder")
    assert one.seen("/approvals") == {"items": []}
    assert one.get(f"/incidents/{number}/decisions").status_code == 404
    for what in ("confirm", "withdraw", "review"):
        assert one.post(f"/decisions/{decision['id']}/{what}", {"reason": "x"}).status_code == 404


def test_a_second_person_declines_with_a_reason_which_the_first_one_reads(office: Office, number: str) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    decision = proposed(one, number)
    [item] = other.seen("/approvals")["items"]
    assert item["decline"] == f"/decisions/{decision['id']}/decline"
    assert refused(one.post(item["decline"], {"reason": "no"})) == (409, "approval.is_own")
    assert other.post(item["decline"], {}).status_code == 422
    declined = other.done(item["decline"], {"reason": "it is no test system"})
    assert (declined["state"], declined["decline_reason"]) == ("declined", "it is no test system")
    assert (declined["declined_by"].split(":")[0], declined["confirmed_by"]) == ("person", None)
    assert refused(other.post(item["confirm"])) == (409, "approval.not_waiting")
    assert other.seen("/approvals") == {"items": []}
    inbox = office.browser("responder").get("/inbox")
    assert "What you proposed was declined." in inbox
    assert "it is no test system" in inbox


def test_each_kind_is_declined_at_its_own_address(office: Office, number: str) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    now = office.hand.at.isoformat()
    earlier = (office.hand.at - dt.timedelta(hours=2)).isoformat()
    one.put(f"/incidents/{number}/awareness", {"at": earlier, "who": "Li Wei", "how": "an alarm"})
    one.put(f"/incidents/{number}/awareness", {"at": now, "who": "Li Wei", "how": "a call", "reason": "mistaken"})
    one.put(f"/incidents/{number}/handled", {"at": earlier})
    one.put(f"/incidents/{number}/handled", {"at": now, "reason": "went on"})
    one.put(f"/incidents/{number}/grading/answers", {"answers": {"persons_leaked": 10**7}})
    one.post(f"/incidents/{number}/grading/decide", {"grade": 3, "reason": "test records"})
    proposed(one, number)
    items = other.seen("/approvals")["items"]
    assert sorted(item["kind"] for item in items) == ["awareness", "grade", "handling_ended", "not_reportable"]
    wrong = next(item["decline"] for item in items if item["kind"] == "awareness").replace("awareness", "handled")
    assert other.post(wrong, {"reason": "no"}).status_code == 404
    for item in items:
        assert other.done(item["decline"], {"reason": "no"})["state"] == "declined"
    assert other.seen("/approvals") == {"items": []}
