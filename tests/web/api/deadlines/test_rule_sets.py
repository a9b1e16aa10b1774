"""Rule sets of grading in the API: published by administrators with all faults at once, tried, retired, readable."""

import copy
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from incident.web.api.deadlines.rule_set_documents import EXAMPLE
from tests.web.api.deadlines.test_decisions import person, refused
from tests.web.office import Office

GRID = "/grading-rule-sets/grid"


def example(at_least: int = 3) -> dict[str, Any]:
    found = copy.deepcopy(EXAMPLE)
    found["lines"][0]["conditions"][0]["at_least"] = at_least
    return found


def document(answer: TestResponse) -> Any:
    assert answer.json is not None, answer.text
    return answer.json


def test_an_administrator_publishes_changes_and_retires_a_rule_set(office: Office) -> None:
    boss, reader = person(office, "administrator"), person(office, "reader")
    added = boss.put(GRID, EXAMPLE)
    assert (added.status_code, document(added)["version"], document(added)["is_active"]) == (201, 1, True)
    assert document(added)["rule_set"] == EXAMPLE
    assert refused(boss.put(GRID, example(2))) == (428, "version.needed")
    changed = boss.put(GRID, example(2), headers={"If-Match": added.headers["ETag"]})
    assert (changed.status_code, document(changed)["version"]) == (200, 2)
    assert refused(boss.put(GRID, example(4), headers={"If-Match": added.headers["ETag"]})) == (412, "version.stale")
    items = reader.seen("/grading-rule-sets")["items"]
    assert [(one["id"], one["is_own"], one["is_used"]) for one in items] == [
        ("cn-cac-guide", False, True),
        ("cn-miit", False, True),
        ("gbt-20986", False, True),
        ("grid", True, True),
    ]
    assert reader.seen("/grading-rule-sets/cn-miit")["rule_set"]["sectors"] == ["communication"]
    versions = reader.seen(f"{GRID}/versions")["items"]
    assert [one["version"] for one in versions] == [2, 1]
    old = reader.seen(f"{GRID}/versions/{document(added)['content_hash']}")
    assert old["rule_set"] == EXAMPLE
    assert refused(reader.get(f"{GRID}/versions/{'0' * 64}")) == (404, "rule_set.unknown")
    assert refused(person(office, "coordinator").put(GRID, EXAMPLE))[0] == 403
    assert refused(boss.post(f"{GRID}/retire", {}))[0] == 422
    retired = boss.done(f"{GRID}/retire", {"reason": "replaced"})
    assert (retired["is_active"], retired["is_used"], retired["version"]) == (False, False, 3)
    assert refused(boss.post(f"{GRID}/retire", {"reason": "replaced"})) == (409, "rule_set.is_retired")
    assert refused(boss.post("/grading-rule-sets/water/retire", {"reason": "x"})) == (404, "rule_set.unknown")


def test_a_rule_set_grades_the_incidents_of_its_sector(office: Office) -> None:
    boss, number = person(office, "administrator"), office.open("CERT")
    boss.put("/organization/profile", {"operator_class": "cii", "sectors": ["energy"]})
    added = document(boss.put(GRID, EXAMPLE))
    given = {"answers": {"stations_down": 3}}
    grading = document(boss.put(f"/incidents/{number}/grading/answers", given))
    assert (grading["certain"], [one["key"] for one in grading["lines"]]) == (2, ["grid.stations.2"])
    assert {"id": "grid", "content_hash": added["content_hash"]}.items() <= grading["rule_sets"][-1].items()


def test_it_is_tried_before_anything_is_stored(office: Office) -> None:
    boss = person(office, "administrator")
    given = {"rule_set": EXAMPLE, "answers": {"stations_down": 3}}
    tried = boss.done("/grading-rule-sets/try", given)
    assert (tried["certain"], tried["possible"], tried["lines"]) == (2, 2, ["grid.stations.2"])
    assert [(one["part"], one["change"]) for one in tried["changes"]] == [("question", "added"), ("line", "added")]
    assert refused(boss.get(GRID)) == (404, "rule_set.unknown")
    assert document(boss.put(GRID, EXAMPLE))["content_hash"] == tried["content_hash"]
    tried = boss.done("/grading-rule-sets/try", {"rule_set": example(2)})
    assert (tried["certain"], tried["possible"]) == (4, 2)
    [change] = tried["changes"]
    assert change["before"]["conditions"] == [{"key": "stations_down", "at_least": 3}]
    wrong = boss.post("/grading-rule-sets/try", {"rule_set": EXAMPLE, "answers": {"stations_down": "many"}})
    assert refused(wrong) == (422, "grading.not_a_number")


def test_every_fault_is_named_at_once_with_its_place(office: Office) -> None:
    boss, wrong = person(office, "administrator"), example()
    wrong["title"]["en"], wrong["lines"][0]["grade"], wrong["weather"] = "<b>bold</b>", 5, 1
    answer = boss.put(GRID, wrong)
    assert answer.status_code == 422
    assert document(answer)["title"]
    assert [(one["pointer"], one["code"]) for one in document(answer)["errors"]] == [
        ("/weather", "document.unknown_field"),
        ("/title/en", "rule_set.markup"),
        ("/lines/0/grade", "rule_set.grade"),
    ]
    moved = document(boss.post("/grading-rule-sets/try", {"rule_set": wrong}))["errors"]
    assert [one["pointer"] for one in moved] == ["/rule_set/weather", "/rule_set/title/en", "/rule_set/lines/0/grade"]
    assert refused(boss.put("/grading-rule-sets/water", EXAMPLE)) == (422, "rule_set.other_id")
    assert refused(boss.put("/grading-rule-sets/cn-miit", example() | {"id": "cn-miit"})) == (422, "rule_set.id_taken")
    same = example()
    same["questions"][0] |= {"key": "persons_leaked", "unit": "cny"}
    same["lines"][0]["conditions"][0]["key"] = "persons_leaked"
    assert refused(boss.put(GRID, same)) == (422, "rule_set.question_differs")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"id": "grid", "id": "grid"}', 400),
        (b'{"id": NaN}', 400),
        (b'{"id": ' + b"9" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b"{", 400),
        (b"[]", 422),
        (b"", 422),
        (b'"' + b"x" * 10_000_000 + b'"', 413),
    ],
)
def test_hostile_bodies_are_refused_with_a_problem(office: Office, body: bytes, status: int) -> None:
    boss = person(office, "administrator")
    for path, send in ((GRID, boss.client.put), ("/grading-rule-sets/try", boss.client.post)):
        answer = send(f"/api/v1{path}", data=body, headers=boss.headers | {"Content-Type": "application/json"})
        assert answer.status_code == status, answer.text[:300]
        assert answer.mimetype == "application/problem+json"


def test_hostile_answers_of_a_trial_are_refused(office: Office) -> None:
    boss = person(office, "administrator")
    hostile: list[Any] = [[], {"x" * 5000: 1}, {"stations_down": 10**30}, {"stations_down": {}}]
    for answers in hostile:
        answer = boss.post("/grading-rule-sets/try", {"rule_set": EXAMPLE, "answers": answers})
        assert answer.status_code == 422, json.dumps(document(answer))[:300]
