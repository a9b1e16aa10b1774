"""The routing rules over the API."""

from typing import Any

import pytest

from tests.plugins.app import Api, Speaker

RULES: dict[str, Any] = {
    "rules": [
        {"when": {"source": "suricata", "grade": [1, 2]}, "set": {"departments": ["CERT"], "category": "NAI"}},
        {"when": {"labels": {"site": "north"}}, "set": {"grade": 1}},
    ],
    "default": {"departments": ["CERT"]},
}


def test_rules_are_read_as_they_were_put(boss: Api) -> None:
    assert boss.seen("/rules") == {"rules": [], "default": {"departments": []}}
    answer = boss.put("/rules", RULES)
    assert answer.status_code == 200, answer.text
    assert answer.json == RULES
    assert boss.seen("/rules") == RULES
    assert boss.put("/rules", boss.seen("/rules")).status_code == 200


def test_an_incident_that_does_not_say_gets_what_the_rules_say(boss: Api) -> None:
    boss.put("/rules", RULES)
    silent = boss.made("/incidents", {"title": "A worm"})
    assert silent["departments"] == ["CERT"]
    assert silent["matched"]["is_default"] is True
    assert silent["is_untold"] is False


def test_without_rules_nobody_is_told_and_no_run_starts(boss: Api) -> None:
    number = boss.made("/incidents", {"title": "A worm"})["number"]
    seen = boss.seen(f"/incidents/{number}")
    assert (seen["departments"], seen["runs"], seen["notices"]) == ([], [], [])
    assert seen["is_untold"] is True


def test_a_rule_starts_the_playbook_that_it_names(boss: Api, playbook: dict[str, Any]) -> None:
    boss.made("/playbooks", playbook)
    rule = {"when": {"category": "MP"}, "set": {"playbook": playbook["id"], "departments": ["CERT"]}}
    boss.put("/rules", {"rules": [rule]})
    number = boss.made("/incidents", {"title": "A worm", "category": "MPWORM"})["number"]
    seen = boss.seen(f"/incidents/{number}")
    assert [run["playbook"] for run in seen["runs"]] == [playbook["id"]]
    assert seen["tasks"][0]["department"] == "CERT"


@pytest.mark.parametrize(
    ("rules", "pointers"),
    [
        ({"rules": [{"when": {"colour": "red"}}]}, ["/rules/0/when/colour"]),
        ({"rules": [{"when": {"grade": 5}}, {"set": {"grade": "1"}}]}, ["/rules/0/when/grade", "/rules/1/set/grade"]),
        ({"rules": [{"set": {"departments": ["CERT", "NOWHERE"]}}]}, ["/rules/0/set/departments/1"]),
        ({"rules": [{"set": {"playbook": "playbook--x"}}]}, ["/rules/0/set/playbook"]),
        ({"rules": [], "default": {"departments": ["NOWHERE"]}}, ["/default/departments/0"]),
        ({"rules": {}}, ["/rules"]),
        ({"rules": [], "extra": 1}, ["/extra"]),
    ],
)
def test_rules_that_cannot_be_kept_are_refused_with_every_place(
    boss_sqlite: Api, rules: dict[str, Any], pointers: list[str]
) -> None:
    answer = boss_sqlite.put("/rules", rules)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["pointer"] for error in answer.json["errors"]] == pointers
    assert boss_sqlite.seen("/rules")["rules"] == []


def test_rules_are_not_put_over_ones_that_were_not_read(boss: Api) -> None:
    etag = boss.get("/rules").headers["ETag"]
    assert boss.put("/rules", RULES, headers={"If-Match": etag}).status_code == 200
    assert boss.put("/rules", RULES, headers={"If-Match": etag}).status_code == 412


def test_a_responder_reads_rules_and_puts_none(furnished_sqlite: Speaker) -> None:
    responder = furnished_sqlite("responder")
    assert responder.put("/rules", RULES).status_code == 403
    assert responder.seen("/rules")["rules"] == []
