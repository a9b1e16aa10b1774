"""PUT replaces a collection only if the document contains it; the journal keeps the old one."""

import json
from typing import Any

import pytest

from incident.store.db.database import db
from incident.store.journal.journal import Entry
from tests.plugins.app import Api, Speaker

TURN = {"name": "weeks", "people": ["ann"], "starts_on": "2026-01-05", "every": "P7D", "handover": "08:30"}
LEVELS = {"levels": [{"wait": "PT5M"}, {"wait": "PT10M"}], "repeat": 1}
COLLECTIONS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "/rules": (
        {"rules": [{"when": {"grade": 1}, "set": {"departments": ["CERT"]}}], "default": {"departments": ["CERT"]}},
        {"rules": [], "default": {"departments": []}},
        "/rules",
    ),
    "/departments/CERT/rota": ({"rotations": [TURN]}, {"rotations": []}, "/rotations"),
    "/departments/CERT/members": ({"members": [{"person": "ann", "position": "head"}]}, {"members": []}, "/members"),
    "/departments/CERT/policy": (LEVELS, {"levels": [{"wait": "PT1H"}]}, "/levels"),
}
"""Each collection that PUT replaces: one document, another, and the member that a document needs."""

BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"data": ""},
    {"data": " \n", "content_type": "application/json"},
    {"data": "{}", "content_type": "application/json"},
    {"data": "null", "content_type": "application/json"},
    {"data": "[]", "content_type": "application/json"},
)


@pytest.fixture
def boss(furnished: Speaker) -> Api:
    """A coordinator where Ann works, on both databases."""
    furnished("administrator").made("/people", {"login": "ann", "name": "Ann", "role": "responder"})
    return furnished("coordinator")


def filled(boss: Api, path: str) -> str:
    """Store the first document at a path; return the stored one."""
    answer = boss.put(path, COLLECTIONS[path][0])
    assert answer.status_code == 200, answer.text
    return boss.get(path).text


def last_entry(boss: Api) -> dict[str, Any]:
    with boss.client.application.app_context():
        row = db.session.scalars(db.select(Entry).order_by(Entry.seq.desc()).limit(1)).one()
        detail: dict[str, Any] = json.loads(row.detail)
        db.session.remove()
    return detail


@pytest.mark.parametrize("path", COLLECTIONS)
def test_a_put_that_says_nothing_is_refused_and_deletes_nothing(boss: Api, path: str) -> None:
    before = filled(boss, path)
    for body in BODIES:
        answer = boss.ask("PUT", path, **body)
        assert answer.status_code == 422, (body, answer.text)
        assert answer.content_type == "application/problem+json"
        assert boss.get(path).text == before, body
    answer = boss.put(path, {})
    assert answer.json is not None
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [
        (COLLECTIONS[path][2], "document.missing")
    ]


@pytest.mark.parametrize("path", COLLECTIONS)
def test_an_empty_list_is_said_and_not_left_out(boss: Api, path: str) -> None:
    filled(boss, path)
    assert boss.put(path, COLLECTIONS[path][1]).status_code == 200
    assert boss.seen(path) == boss.seen(path) | COLLECTIONS[path][1]


@pytest.mark.parametrize("path", COLLECTIONS)
def test_if_match_is_optional_on_a_put_and_looked_at_when_it_is_sent(boss: Api, path: str) -> None:
    old = boss.get(path).headers["ETag"]
    before = filled(boss, path)
    other = COLLECTIONS[path][1]
    for stale in (old, '"nonsense"', '""', "nonsense"):
        answer = boss.put(path, other, headers={"If-Match": stale})
        assert answer.status_code == 412, (stale, answer.text)
        assert answer.json is not None
        assert answer.json["code"] == "version.stale"
        assert boss.get(path).text == before
    current = boss.get(path).headers["ETag"]
    assert boss.put(path, other, headers={"If-Match": current}).status_code == 200
    assert boss.put(path, other, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("path", COLLECTIONS)
def test_the_journal_keeps_what_was_replaced(boss: Api, path: str) -> None:
    filled(boss, path)
    replaced, member = boss.seen(path), COLLECTIONS[path][2].removeprefix("/")
    assert boss.put(path, COLLECTIONS[path][1]).status_code == 200
    entry = last_entry(boss)
    if path.endswith("/members"):
        assert entry == {"before": COLLECTIONS[path][0]["members"], "after": []}
    else:
        assert entry["before"] == replaced
        assert entry["after"][member] == COLLECTIONS[path][1][member]


@pytest.mark.parametrize("path", ["/playbooks/lint", "/rules/try", "/playbooks", "/alerts/generic", "/alerts/suricata"])
@pytest.mark.parametrize("body", [{}, {"data": ""}, {"data": " \n", "content_type": "application/json"}])
def test_what_needs_a_body_and_got_none_is_refused(furnished_sqlite: Speaker, path: str, body: dict[str, Any]) -> None:
    answer = furnished_sqlite("source" if "alerts" in path else "coordinator").ask("POST", path, **body)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert answer.json["code"] == "document.no_body"
    assert answer.json["detail"].startswith("The request has no body")


def test_a_change_that_says_nothing_is_refused(boss_sqlite: Api) -> None:
    number = boss_sqlite.made("/incidents", {"title": "A worm"})["number"]
    answer = boss_sqlite.patch(f"/incidents/{number}", headers={"If-Match": "*"})
    assert answer.status_code == 422, answer.text
    assert boss_sqlite.post("/rules/try", {}).status_code == 200


def test_a_body_stays_optional_where_nothing_needs_to_be_said(boss_sqlite: Api) -> None:
    number = boss_sqlite.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    for path in ("acknowledge", "close", "reopen"):
        assert boss_sqlite.post(f"/incidents/{number}/{path}").status_code == 200, path


def test_every_put_is_described_with_its_condition(speak_sqlite: Speaker) -> None:
    paths = speak_sqlite().seen("/openapi.json")["paths"]
    found = {path: item["put"] for path, item in paths.items() if "put" in item}
    # one object without a version, answers that are added to those given before, and a single yes or no
    parts = ("grading/answers", "awareness", "handled", "following", "techniques/{technique}")
    for path in ("/api/v1/sources/{name}/signature", *(f"/api/v1/incidents/{{number}}/{one}" for one in parts)):
        assert "If-Match" not in {one.get("name") for one in found.pop(path)["parameters"]}
    # those of secrets, sources, systems, rule sets, number series, text blocks, custodians and the profile are
    # tested with them
    assert len(found) == len(COLLECTIONS) + 8
    for path, operation in found.items():
        [condition] = [one for one in operation["parameters"] if one.get("name") == "If-Match"]
        assert not condition.get("required"), path
