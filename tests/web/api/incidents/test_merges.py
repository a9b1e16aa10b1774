"""Merges, indicators and reviews in the API, with what callers may not see."""

import datetime as dt
from typing import Any

import pytest

from tests.plugins.app import AT, Api, Speaker

EVIL = {"indicators": ["evil.example"]}


@pytest.fixture
def pair(boss_sqlite: Api) -> tuple[str, str]:
    """The numbers of a duplicate and its survivor, which share an indicator."""
    duplicate, survivor = (boss_sqlite.made("/incidents", EVIL | {"title": one})["number"] for one in ("Dup", "Main"))
    return duplicate, survivor


def merge(boss: Api, duplicate: str, into: str, **more: Any) -> Any:
    return sent(boss, f"/incidents/{duplicate}/merge", {"into": into, "reason": "the same mail"}, **more)


def sent(api: Api, path: str, body: Any, **more: Any) -> Any:
    """The answer to a request that may be refused."""
    return api.post(path, body, **more)


def test_a_merge_is_made_listed_and_undone(boss_sqlite: Api, pair: tuple[str, str]) -> None:
    duplicate, survivor = pair
    made = merge(boss_sqlite, duplicate, survivor)
    assert (made.status_code, made.json["duplicate"], made.json["survivor"]) == (201, duplicate, survivor)
    again = merge(boss_sqlite, duplicate, survivor)
    assert (again.status_code, again.json["id"]) == (201, made.json["id"])  # a double click
    closed = boss_sqlite.seen(f"/incidents/{duplicate}")
    assert (closed["status"], closed["resolution"], closed["indicators"]) == ("closed", "duplicate", [])
    for number in pair:
        assert [one["id"] for one in boss_sqlite.seen(f"/incidents/{number}/merges")["items"]] == [made.json["id"]]
    refused = sent(boss_sqlite, f"/incidents/{duplicate}/reopen", {})
    assert (refused.status_code, refused.json["code"]) == (409, "incident.is_merged")
    undone = boss_sqlite.done(f"/incidents/{duplicate}/merge/undo", {"reason": "no"})
    assert undone["undone_at"] is not None
    assert boss_sqlite.done(f"/incidents/{duplicate}/merge/undo")["id"] == made.json["id"]
    assert boss_sqlite.seen(f"/incidents/{duplicate}")["status"] == "new"


def test_faults_of_a_merge_are_told_at_their_fields(boss_sqlite: Api, pair: tuple[str, str]) -> None:
    duplicate, survivor = pair
    empty = sent(boss_sqlite, f"/incidents/{duplicate}/merge", {"into": "", "reason": ""})
    assert {one["pointer"] for one in empty.json["errors"]} == {"/into", "/reason"}
    unknown = merge(boss_sqlite, duplicate, "INC-2026-999999")
    assert [one["code"] for one in unknown.json["errors"]] == ["incident.no_such_number"]
    boss_sqlite.done(f"/incidents/{survivor}/close", {})
    assert merge(boss_sqlite, duplicate, survivor).json["code"] == "merge.survivor_closed"
    assert boss_sqlite.post(f"/incidents/{duplicate}/merge/undo").status_code == 404


def test_an_incident_that_one_may_not_see_is_merged_with_nothing(
    furnished_sqlite: Speaker, boss_sqlite: Api, pair: tuple[str, str]
) -> None:
    duplicate, survivor = pair
    red = boss_sqlite.made("/incidents", EVIL | {"title": "Secret", "tlp": "red"})["number"]
    responder = furnished_sqlite("responder")
    assert merge(responder, duplicate, survivor).status_code == 403
    assert merge(boss_sqlite, red, survivor).json["code"] == "merge.less_strict"
    assert [one["also_seen"] for one in responder.seen(f"/incidents/{survivor}/indicators")["items"]] == [1]
    assert [one["number"] for one in responder.seen(f"/incidents/{survivor}/related")["items"]] == [duplicate]
    assert [one["also_seen"] for one in boss_sqlite.seen(f"/incidents/{survivor}/indicators")["items"]] == [2]
    assert merge(boss_sqlite, duplicate, red).status_code == 201
    assert responder.seen(f"/incidents/{duplicate}/merges")["items"] == []
    assert red not in responder.get(f"/incidents/{duplicate}/journal").text
    assert red not in responder.get(f"/incidents/{duplicate}").text
    for path in ("merges", "indicators", "related", "review"):
        assert responder.get(f"/incidents/{red}/{path}").status_code == 404


def test_lines_are_added_and_faulty_ones_named(boss_sqlite: Api, pair: tuple[str, str]) -> None:
    place = f"/incidents/{pair[0]}/indicators"
    text = "hxxp://evil[.]example/a\nnonsense here\nevil[.]example\nhttp://evil.example/a"
    refused = sent(boss_sqlite, place, {"text": text})
    assert (refused.status_code, [one["detail"][:7] for one in refused.json["errors"]]) == (422, ["Line 2:"])
    added = boss_sqlite.made(place, {"text": text, "skip_faulty": True})
    assert added == {"added": 1, "known": 1, "repeated": 1, "faulty_lines": [2]}
    rows = boss_sqlite.seen(place)["items"]
    assert [one["defanged"] for one in rows] == ["evil[.]example", "hxxp://evil[.]example/a"]
    assert boss_sqlite.delete(f"{place}/{rows[0]['id']}").status_code == 204
    assert boss_sqlite.delete(f"{place}/{rows[0]['id']}").status_code == 404
    assert len(boss_sqlite.seen(f"{place}?limit=1")["items"]) == 1


def test_a_review_with_actions_reaches_their_owner(furnished_sqlite: Speaker, boss_sqlite: Api) -> None:
    furnished_sqlite("administrator").made("/people", {"login": "ann", "name": "Ann", "role": "responder"})
    number = boss_sqlite.made("/incidents", {"title": "Scan"})["number"]
    place, due = f"/incidents/{number}/review", (AT + dt.timedelta(days=9)).isoformat()
    action = {"title": "Patch", "owner": "ann", "due_at": due}
    assert sent(boss_sqlite, place, {"went_well": "all"}).json["code"] == "review.needs_closed"
    boss_sqlite.done(f"/incidents/{number}/close", {})
    assert boss_sqlite.done(place, {"went_well": "all"})["went_well"] == "all"
    made = boss_sqlite.made(f"{place}/actions", action)
    wrong = sent(boss_sqlite, f"{place}/actions", {"title": "", "owner": "x", "due_at": "soon"})
    assert {one["pointer"] for one in wrong.json["errors"]} == {"/title", "/due_at"}
    [seen] = boss_sqlite.seen(place)["actions"]
    assert (seen["id"], seen["owner"], seen["state"]) == (made["id"], {"login": "ann", "name": "Ann"}, "open")
    assert boss_sqlite.done(f"{place}/actions/{made['id']}/done")["state"] == "done"
    assert boss_sqlite.delete(f"{place}/actions/{made['id']}").status_code == 204
    assert boss_sqlite.seen("/review-actions")["items"] == []
