"""Warnings of deadlines in the API: who was warned, and notices that name their subject and purpose."""

import datetime as dt

import pytest
from flask import Flask

from incident.actions.operations import timers
from tests.plugins.app import Api, Hand, Speaker

NIGHT = dt.datetime(2026, 11, 20, 18, 10, tzinfo=dt.UTC)


@pytest.fixture
def number(app: Flask, boss: Api, furnished: Speaker, hand: Hand) -> str:
    """An incident of CERT with a deadline of an hour, half of which has passed."""
    hand.at = NIGHT
    profile = {"operator_class": "cii", "sectors": ["energy"], "regions": ["330000"]}
    assert furnished("administrator").put("/organization/profile", profile).status_code == 200
    made: str = boss.made("/incidents", {"title": "Outage", "departments": ["CERT"]})["number"]
    aware = {"at": NIGHT.isoformat(), "who": "Li Wei", "how": "an alarm"}
    assert boss.put(f"/incidents/{made}/awareness", aware).status_code == 200
    hand.at += dt.timedelta(minutes=30)
    with app.app_context():
        timers.fire_due(hand.at)
    return made


def test_a_clock_says_who_was_warned_and_who_acknowledged_it(boss: Api, furnished: Speaker, number: str) -> None:
    first = next(one for one in boss.seen(f"/incidents/{number}/clocks")["items"] if one["stage"] == "first")
    assert (first["warned_percent"], first["next_warning_at"]) == (50, "2026-11-20T18:58:00.000000Z")
    [warned] = first["warned"]
    assert (warned["department"], warned["state"], warned["acknowledged_by"]) == ("CERT", "open", None)
    done = furnished("department", "CERT").done(f"/notices/{warned['notice']}/acknowledge")
    assert (done["purpose"], done["subject"]) == ("deadline", {"type": "clock", "id": first["id"]})
    [warned] = next(one for one in boss.seen("/clocks")["items"] if one["id"] == first["id"])["warned"]
    assert (warned["state"], warned["acknowledged_by"]) == ("acknowledged", done["acknowledged_by"])


def test_notices_ledger_and_certificate_name_subject_and_purpose(boss: Api, number: str) -> None:
    wanted = {("handling", "incident"), ("deadline", "clock")}
    incident = boss.seen(f"/incidents/{number}")
    ledger = boss.seen(f"/incidents/{number}/ledger")
    certificate = boss.seen(f"/incidents/{number}/certificate")["certificate"]
    for items in (
        boss.seen(f"/notices?incident={number}")["items"],
        incident["notices"],
        ledger["notices"],
        certificate["notices"],
    ):
        assert {(one["purpose"], one["subject"]["type"]) for one in items} == wanted


def test_an_answer_for_the_incident_is_not_one_for_its_deadline(boss: Api, number: str) -> None:
    assert boss.post(f"/incidents/{number}/acknowledge", {"department": "CERT"}).status_code == 200
    states = {one["purpose"]: one["state"] for one in boss.seen(f"/notices?incident={number}")["items"]}
    assert states == {"handling": "acknowledged", "deadline": "open"}


def test_a_department_that_was_not_warned_sees_no_notice_of_another(furnished: Speaker, boss: Api, number: str) -> None:
    assert furnished("administrator").post("/departments", {"code": "NOC", "name": "Network"}).status_code == 201
    more = boss.patch(f"/incidents/{number}", {"departments": ["CERT", "NOC"]}, headers={"If-Match": "*"})
    assert more.status_code == 200
    seen = furnished("department", "NOC").seen(f"/incidents/{number}/clocks")["items"]
    assert [one["warned"] for one in seen if one["stage"] == "first"] == [[]]
