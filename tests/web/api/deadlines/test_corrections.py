"""Corrections of filings and of events in the API: two people, and no program alone."""

import datetime as dt
from typing import Any

import pytest

from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import number, person, refused
from tests.web.office import Office

__all__ = ["number"]


@pytest.fixture
def filing(office: Office, number: str) -> Any:
    first = shown(person(office, "responder"), number)
    filed = {"channel": "phone", "to": "12387", "at": office.hand.at.isoformat(), "receipt_number": "R-7"}
    return person(office, "responder").made(f"/clocks/{first['id']}/file", filed)


def shown(api: Api, number: str, stage: str = "first") -> Any:
    items = api.seen(f"/incidents/{number}/clocks")["items"]
    return next(one for one in items if one["stage"] == stage)


def test_a_filing_is_revoked_by_two_people_and_stays_visible(office: Office, number: str, filing: Any) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    path, key = f"/filings/{filing['id']}/revoke", {"Idempotency-Key": "k1"}
    proposed = one.post(path, {"reason": "another incident"}, headers=key)
    assert (proposed.status_code, one.post(path, {"reason": "another incident"}, headers=key).json) == (
        202,
        proposed.json,
    )
    assert person(office, "reader").post(path, {"reason": "x"}).status_code == 403
    [item] = other.seen("/approvals")["items"]
    assert (item["kind"], item["filing"], item["regime"]) == ("filing_revocation", filing["id"], "cn-cac-cii")
    assert refused(one.post(item["confirm"])) == (409, "approval.is_given")
    assert shown(one, number)["state"] == "filed"
    assert other.done(item["confirm"])["state"] == "in_force"
    first = shown(one, number)
    assert (first["state"], first["filings"][0]["revocation"]["reason"]) == ("undetermined", "another incident")
    assert refused(one.post(path, {"reason": "again"})) == (409, "filing.is_revoked")
    assert refused(other.post("/revocations/99/confirm")) == (404, "http.404")


def test_a_revocation_is_declined(office: Office, number: str, filing: Any) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    one.post(f"/filings/{filing['id']}/revoke", {"reason": "another incident"})
    [item] = other.seen("/approvals")["items"]
    declined = other.post(item["decline"], {"reason": "it was this one"})
    assert declined.json is not None
    assert (declined.json["state"], declined.json["decline_reason"]) == ("declined", "it was this one")
    assert shown(one, number)["filings"][0]["revocation"]["state"] == "declined"
    assert shown(one, number)["state"] == "filed"


def test_a_returned_filing_is_owed_again(office: Office, number: str, filing: Any) -> None:
    one, path = person(office, "responder"), f"/filings/{filing['id']}/return"
    early = (office.hand.at - dt.timedelta(hours=1)).isoformat()
    assert refused(one.post(path, {"at": early, "reason": "item 3"})) == (422, "filing.returned_before")
    returned = one.post(path, {"at": office.hand.at.isoformat(), "reason": "item 3"})
    assert returned.json is not None
    assert (returned.status_code, returned.json["return_reason"]) == (200, "item 3")
    first = shown(one, number)
    assert (first["state"], first["because"][-1]["code"] != "filed") == ("returned", True)
    assert "first" in [each["stage"] for each in one.seen("/clocks")["items"]]
    before = {"channel": "phone", "to": "12387", "at": "2001-01-01T00:00:00Z"}
    assert refused(one.post(f"/clocks/{first['id']}/file", before)) == (422, "filing.before_start")


def test_an_event_is_corrected_at_once_or_by_two_people_and_withdrawn_by_two(office: Office, number: str) -> None:
    one, other = person(office, "responder"), person(office, "coordinator")
    at, hour = office.hand.at, dt.timedelta(hours=1)
    paid = {"kind": "paid", "at": (at - hour).isoformat(), "how": "2 BTC"}
    event = one.made(f"/incidents/{number}/clock-events", paid)
    path = f"/clock-events/{event['id']}/correct"
    later = one.post(path, {"at": at.isoformat(), "reason": "another transfer"})
    assert later.json is not None
    assert (later.status_code, later.json["corrects"], later.json["how"]) == (202, event["id"], "2 BTC")
    [item] = other.seen("/approvals")["items"]
    assert (item["kind"], item["event"], item["is_withdrawal"]) == ("clock_event", "paid", False)
    assert other.done(item["confirm"])["state"] == "in_force"
    assert refused(one.post(path, {"at": at.isoformat()})) == (409, "clock_event.has_ended")
    path = f"/clock-events/{later.json['id']}"
    earlier = one.post(f"{path}/correct", {"at": (at - hour).isoformat()})
    assert earlier.json is not None
    assert (earlier.status_code, earlier.json["state"]) == (200, "in_force")
    path = f"/clock-events/{earlier.json['id']}"
    assert one.post(f"{path}/withdraw", {"reason": "nothing was paid"}).status_code == 202
    [item] = other.seen("/approvals")["items"]
    declined = other.post(item["decline"], {"reason": "it was"})
    assert declined.json is not None
    assert declined.json["state"] == "declined"
    assert refused(other.post(f"{path}/confirm")) == (409, "approval.not_waiting")
    assert refused(other.post(f"/clock-events/{event['id']}/confirm")) == (404, "http.404")
