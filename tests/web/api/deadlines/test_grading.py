"""Grading in the API: the story of an outage at night, faults, the second person, and who may see it."""

import datetime as dt

import pytest

from tests.plugins.app import Api, Hand, Speaker


@pytest.fixture
def place(boss_sqlite: Api) -> str:
    number = boss_sqlite.made("/incidents", {"title": "Outage", "departments": ["CERT"]})["number"]
    return f"/incidents/{number}/grading"


def test_three_answers_say_at_least_three_then_two_then_one(boss_sqlite: Api, place: str, hand: Hand) -> None:
    hand.at = dt.datetime(2026, 11, 21, 2, 10, tzinfo=dt.UTC)
    empty = boss_sqlite.seen(place)
    assert (empty["certain"], empty["possible"], empty["proposed"], empty["lines"]) == (4, 1, 4, [])
    assert {"persons_leaked", "cii_down_minutes", "portal_level"} <= {one["key"] for one in empty["questions"]}
    [portal] = [one for one in empty["questions"] if one["key"] == "portal_level"]
    assert [one["value"] for one in portal["choices"]] == ["central_or_province", "prefecture", "enterprise", "none"]
    given = {"cii_down_minutes": 35, "persons_leaked": 0, "portal_level": "none"}
    answer = boss_sqlite.put(f"{place}/answers", {"answers": given, "evidence": "monitoring"})
    assert answer.status_code == 200
    graded = boss_sqlite.seen(place)
    assert graded == answer.json
    assert (graded["certain"], graded["possible"]) == (3, 1)
    assert [(one["key"], one["grade"], one["evidence"]) for one in graded["lines"]] == [
        ("cac.infrastructure.3", 3, "draft")
    ]
    assert graded["next"] == [
        {"grade": 2, "at": "2026-11-21T03:35:00.000000Z"},
        {"grade": 1, "at": "2026-11-21T07:35:00.000000Z"},
    ]
    assert graded["answers"]["cii_down_minutes"]["is_ongoing"] is True
    assert graded["answers"]["persons_leaked"]["evidence"] == "monitoring"


def test_every_fault_is_told_at_its_place(boss_sqlite: Api, place: str) -> None:
    wrong = boss_sqlite.put(f"{place}/answers", {"answers": {"views": -1, "portal_level": "x", "nonsense": 1}})
    assert wrong.status_code == 422
    assert wrong.json is not None
    assert {one["pointer"] for one in wrong.json["errors"]} == {
        "/answers/views", "/answers/portal_level", "/answers/nonsense",
    }  # fmt: skip
    assert boss_sqlite.post(f"{place}/decide", {"grade": 5}).status_code == 422
    unreasoned = boss_sqlite.post(f"{place}/decide", {"grade": 1})
    assert unreasoned.json is not None
    assert unreasoned.json["code"] == "grading.reason_missing"
    assert boss_sqlite.seen(place)["decisions"] == []


def test_the_same_key_decides_once(boss_sqlite: Api, place: str) -> None:
    key = {"Idempotency-Key": "k"}
    first = boss_sqlite.made(f"{place}/decide", {"grade": 1, "reason": "x"}, headers=key)
    assert boss_sqlite.made(f"{place}/decide", {"grade": 1, "reason": "x"}, headers=key) == first
    assert boss_sqlite.seen(place)["decisions"] == [first]
    assert boss_sqlite.seen(place.removesuffix("/grading"))["grade"] == 1


def test_who_may_not_see_an_incident_finds_no_grading(furnished_sqlite: Speaker, boss_sqlite: Api) -> None:
    number = boss_sqlite.made("/incidents", {"title": "Secret", "tlp": "red"})["number"]
    decision = boss_sqlite.made(f"/incidents/{number}/grading/decide", {"grade": 1, "reason": "x"})
    responder = furnished_sqlite("responder")
    assert responder.get(f"/incidents/{number}/grading").status_code == 404
    assert responder.put(f"/incidents/{number}/grading/answers", {"answers": {"views": 1}}).status_code == 404
    assert responder.post(f"/gradings/{decision['id']}/confirm", {}).status_code == 404
