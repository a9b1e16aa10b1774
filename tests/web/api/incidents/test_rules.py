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
    assert silent["is_unreached"] is False


def test_without_rules_nobody_is_told_and_no_run_starts(boss: Api) -> None:
    number = boss.made("/incidents", {"title": "A worm"})["number"]
    seen = boss.seen(f"/incidents/{number}")
    assert (seen["departments"], seen["runs"], seen["notices"]) == ([], [], [])
    assert seen["is_unreached"] is True


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


def test_one_may_ask_who_would_be_told_without_opening_anything(boss: Api, furnished: Speaker) -> None:
    administrator = furnished("administrator")
    administrator.made("/departments", {"code": "GRID", "name": "Grid"})
    tag = boss.get("/departments/GRID").headers["ETag"]
    competence = {"sectors": ["energy"], "regions": ["33"]}
    changed = administrator.patch("/departments/GRID", {"competence": competence}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert boss.seen("/departments/GRID")["competence"] == competence
    rule = {"when": {"sector": "energy"}, "set": {"departments": ["CERT"], "competent": True, "grade": 2}}
    boss.put("/rules", {"rules": [rule]})
    asked = {"sector": "energy/electricity", "region": "330106", "at": "2026-11-22T02:00:00Z"}
    answer = boss.post("/rules/try", asked)
    assert answer.status_code == 200, answer.text
    found: Any = answer.json
    assert (found["rule"], found["grade"], found["matched"]) == (0, 2, rule)
    assert found["looked_at"] == {"sector": "energy/electricity", "region": "330106"}
    assert [(one["code"], one["why"]) for one in found["departments"]] == [("CERT", "rule"), ("GRID", "competent")]
    assert found["departments"][0]["items"][0]["at"] == "2026-11-22T02:00:00.000000Z"
    assert boss.seen("/incidents")["items"] == []


def test_sector_region_and_campaign_are_given_changed_and_filtered(boss: Api) -> None:
    made = boss.made("/incidents", {"title": "A worm", "sector": "energy", "region": "330106", "campaign": "HW-2026"})
    path = f"/incidents/{made['number']}"
    assert boss.patch(path, {"region": "East"}, headers={"If-Match": boss.get(path).headers["ETag"]}).status_code == 200
    seen = boss.seen(path)
    assert (seen["sector"], seen["region"], seen["campaign"]) == ("energy", "East", "HW-2026")
    assert len(boss.seen("/incidents?sector=energy&region=East&campaign=HW-2026")["items"]) == 1
    assert boss.seen("/incidents?region=33")["items"] == []
