"""Statutory clocks in the API: an outage at night from awareness to the summary, faults, and who may see what."""

import datetime as dt
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.plugins.app import Api, Hand, Speaker

NIGHT = dt.datetime(2026, 11, 20, 18, 10, tzinfo=dt.UTC)
AWARE = {"at": NIGHT.isoformat(), "who": "Li Wei", "how": "an alarm of the monitoring"}
PHONE = {"channel": "phone", "to": "保护工作部门 12387"}


def answered(answer: TestResponse) -> tuple[int, Any]:
    return answer.status_code, answer.json


@pytest.fixture
def admin(speak_sqlite: Speaker) -> Api:
    return speak_sqlite("administrator")


@pytest.fixture
def number(boss_sqlite: Api, admin: Api, hand: Hand) -> str:
    hand.at = NIGHT
    profile = {"operator_class": "cii", "sectors": ["energy"], "regions": ["330000"]}
    assert admin.put("/organization/profile", profile).status_code == 200
    made: str = boss_sqlite.made("/incidents", {"title": "Outage", "departments": ["CERT"]})["number"]
    return made


def at(hand: Hand) -> str:
    return hand.at.isoformat()


def shown(api: Api, number: str) -> dict[str, Any]:
    return {one["stage"]: one for one in api.seen(f"/incidents/{number}/clocks")["items"]}


def test_an_outage_at_night_is_known_graded_filed_and_summed_up(boss_sqlite: Api, number: str, hand: Hand) -> None:
    status, aware = answered(boss_sqlite.put(f"/incidents/{number}/awareness", AWARE))
    assert (status, aware["state"]) == (200, "in_force")
    first = shown(boss_sqlite, number)["first"]
    assert (first["state"], first["start_at"], first["due_at"], first["percent"], first["hop"]) == (
        "undetermined",
        "2026-11-20T18:10:00.000000Z",
        "2026-11-20T19:10:00.000000Z",
        0,
        1,
    )
    assert [one["role"] for one in first["to"]] == ["protection_department", "police"]
    assert {"code": "grade_possible", "grade": 1} in first["because"]
    answers = {"cii_down_minutes": 125, "portal_level": "none", "persons_leaked": 0}
    assert boss_sqlite.put(f"/incidents/{number}/grading/answers", {"answers": answers}).status_code == 200
    boss_sqlite.made(f"/incidents/{number}/grading/decide", {"grade": 2})
    hand.forward(minutes=30)
    first = shown(boss_sqlite, number)["first"]
    assert (first["state"], first["percent"], first["is_overdue"]) == ("running", 50, False)
    [listed] = boss_sqlite.seen("/clocks")["items"]
    assert (listed["incident"], listed["stage"]) == (number, "first")
    assert boss_sqlite.seen(f"/incidents/{number}")["next_due_at"] == first["due_at"]
    assert boss_sqlite.seen("/incidents?sort=due")["items"][0]["next_due_at"] == first["due_at"]
    call = boss_sqlite.made(f"/clocks/{first['id']}/file", {**PHONE, "at": at(hand), "oral": True})
    assert (call["oral"], call["proved"]) == (True, False)
    assert shown(boss_sqlite, number)["first"]["state"] == "running"
    filed = {"channel": "portal", "to": "12387.cert.org.cn", "at": at(hand), "receipt_number": "2026-117"}
    assert boss_sqlite.made(f"/clocks/{first['id']}/file", filed)["proved"] is True
    clocks = shown(boss_sqlite, number)
    assert (clocks["first"]["state"], [one["channel"] for one in clocks["first"]["filings"]]) == (
        "filed",
        ["phone", "portal"],
    )
    assert (clocks["upward"]["hop"], clocks["upward"]["due_at"]) == (2, "2026-11-20T19:10:00.000000Z")
    hand.forward(hours=20)
    _, handled = answered(boss_sqlite.put(f"/incidents/{number}/handled", {"at": at(hand)}))
    assert handled["handled_at"] == boss_sqlite.seen(f"/incidents/{number}")["handled_at"]
    assert shown(boss_sqlite, number)["summary"]["due_at"] == "2026-12-21T14:40:00.000000Z"


def test_a_late_filing_without_reason_and_other_faults_are_told_at_their_places(
    boss_sqlite: Api, number: str, hand: Hand
) -> None:
    boss_sqlite.put(f"/incidents/{number}/awareness", AWARE)
    clock = shown(boss_sqlite, number)["first"]
    hand.forward(hours=2)
    given = {**PHONE, "at": at(hand)}
    status, refused = answered(boss_sqlite.post(f"/clocks/{clock['id']}/file", given))
    assert (status, refused["code"]) == (422, "clock.late_without_reason")
    late = {"reason_code": "approval_late", "text": "the head could not be reached"}
    status, bad = answered(
        boss_sqlite.post(f"/clocks/{clock['id']}/file", given | {"evidence": [{"name": "x", "sha256": "7"}]})
    )
    assert (status, bad["code"]) == (422, "filing.not_a_sha256")
    assert boss_sqlite.made(f"/clocks/{clock['id']}/file", given | {"late": late})["late"] == late
    assert shown(boss_sqlite, number)["first"]["state"] == "filed_late"
    assert boss_sqlite.post("/clocks/99/file", given).status_code == 404


def test_a_later_awareness_is_accepted_for_a_second_person(boss_sqlite: Api, number: str, hand: Hand) -> None:
    boss_sqlite.put(f"/incidents/{number}/awareness", AWARE)
    hand.forward(minutes=10)
    later = {**AWARE, "at": at(hand)}
    status, refused = answered(boss_sqlite.put(f"/incidents/{number}/awareness", later))
    assert (status, refused["code"]) == (422, "awareness.reason_missing")
    # a program is neither of the two
    status, refused = answered(
        boss_sqlite.put(f"/incidents/{number}/awareness", later | {"reason": "a false alarm before"})
    )
    assert (status, refused["code"]) == (403, "approval.not_by_person")
    assert boss_sqlite.seen(f"/incidents/{number}/clocks")["aware_at"] == "2026-11-20T18:10:00.000000Z"


def test_a_clock_is_suspended_resumed_and_waived_with_reasons(boss_sqlite: Api, number: str) -> None:
    boss_sqlite.put(f"/incidents/{number}/awareness", AWARE)
    place = f"/clocks/{shown(boss_sqlite, number)['first']['id']}"
    assert boss_sqlite.post(f"{place}/suspend", {}).status_code == 422
    assert boss_sqlite.done(f"{place}/suspend", {"reason": "letter 7"})["reason"] == "letter 7"
    assert boss_sqlite.seen("/clocks?state=suspended")["items"][0]["percent"] is None
    assert boss_sqlite.done(f"{place}/resume", {"reason": "over"})["state"] == "undetermined"
    assert boss_sqlite.done(f"{place}/waive", {"reason": "another unit files"})["state"] == "waived"
    assert boss_sqlite.post(f"{place}/waive", {"reason": "again"}).status_code == 409
    summary = shown(boss_sqlite, number)["summary"]
    assert (summary["state"], summary["due_at"]) == ("waiting", None)
    boss_sqlite.done(f"/clocks/{summary['id']}/waive", {"reason": "another unit files"})
    assert [one["stage"] for one in boss_sqlite.seen("/clocks?state=waived")["items"]] == ["first", "summary"]


def test_clocks_are_listed_by_their_due_in_pages(boss_sqlite: Api, admin: Api, number: str) -> None:
    admin.put("/organization/profile", {"operator_class": "cii", "regimes": ["in-certin", "uk-csr-bill"]})
    boss_sqlite.put(f"/incidents/{number}/awareness", AWARE)
    whole = [(one["regime"], one["stage"]) for one in boss_sqlite.seen("/clocks")["items"]]
    assert whole == [
        ("cn-cac-cii", "first"),
        ("in-certin", "report"),
        ("uk-csr-bill", "initial"),
        ("uk-csr-bill", "full"),
    ]
    first = boss_sqlite.seen("/clocks?limit=3")
    rest = boss_sqlite.seen(f"/clocks?limit=3&cursor={first['next']}")
    assert ([one["stage"] for one in rest["items"]], rest["next"]) == (["full"], None)
    waiting = boss_sqlite.seen("/clocks?state=waiting&limit=1")
    more = boss_sqlite.seen(f"/clocks?state=waiting&cursor={waiting['next']}")
    assert [one["stage"] for one in waiting["items"] + more["items"]] == ["upward", "summary"]
    soon = boss_sqlite.seen("/clocks?due_before=2026-11-20T20:00:00Z")["items"]
    assert [one["stage"] for one in soon] == ["first"]


def test_clocks_of_an_incident_that_one_may_not_see_do_not_exist(
    boss_sqlite: Api, admin: Api, number: str, speak_sqlite: Speaker
) -> None:
    admin.made("/departments", {"code": "LEGAL", "name": "Legal"})
    boss_sqlite.put(f"/incidents/{number}/awareness", AWARE)
    stranger = speak_sqlite("department", "LEGAL")
    assert stranger.seen("/clocks")["items"] == []
    assert stranger.get(f"/incidents/{number}/clocks").status_code == 404
    assert [one["stage"] for one in speak_sqlite("department", "CERT").seen("/clocks")["items"]] == ["first"]


def test_the_regimes_are_listed_with_the_evidence_of_each_figure_and_whether_they_apply(
    boss_sqlite: Api, number: str
) -> None:
    regimes = {one["id"]: one for one in boss_sqlite.seen("/regimes")["items"]}
    assert len(regimes) == 24
    assert [one for one in regimes if regimes[one]["applies"]] == ["cn-cac-cii"]
    dora = regimes["eu-dora"]["stages"][0]
    assert (dora["due"], dora["caps"]) == ("PT4H", [{"due": "PT24H", "start": "aware"}])
    assert regimes["us-sec-8k"]["stages"][0]["is_verified"] is False
    assert (regimes["us-sec-8k"]["has_calendar"], regimes["cn-cac-other"]["has_calendar"]) == (False, True)


def test_the_profile_is_replaced_as_a_whole_and_not_over_a_change_that_was_not_read(admin: Api) -> None:
    empty = admin.seen("/organization/profile")
    assert (empty["operator_class"], empty["applies"]) == (None, [])
    read = {"If-Match": admin.get("/organization/profile").headers["ETag"]}
    given = {"operator_class": "other", "regions": ["330000"], "regimes": ["cn-pipl-57"]}
    _, stored = answered(admin.put("/organization/profile", given, headers=read))
    assert stored["applies"] == ["cn-cac-other", "cn-pipl-57"]
    assert admin.put("/organization/profile", given, headers=read).status_code == 412
    status, refused = answered(admin.put("/organization/profile", given | {"regimes": ["nowhere"]}))
    assert (status, refused["code"]) == (422, "regime.unknown")
