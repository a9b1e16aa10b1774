"""Playbooks over the API: checked, returned in both formats, visible to permitted roles only."""

import itertools
import json
import time
from typing import Any

import pytest

from incident.core.cacao import load, to_yaml_text
from tests.core.cacao.build import MACHINE_AGENT, action, document, http
from tests.core.playbooks.test_ssh_target import ED25519
from tests.plugins.app import AT, Api, Speaker
from tests.world import approve_by_two

MARK = "marking-tlp--5f4c5cae-6d4d-4a0a-8f4e-0d3f1c1d2b3a"


def marked(made: dict[str, Any], level: str) -> dict[str, Any]:
    """The playbook marked with a level of TLP 2.0."""
    definition = {
        "type": "marking-tlp",
        "id": MARK,
        "created_by": made["created_by"],
        "created": made["created"],
        "tlpv2_level": level,
    }
    return made | {"markings": [MARK], "data_marking_definitions": {MARK: definition}}


def lint(speaker: Api, text: str | bytes, **headers: str) -> Any:
    answer = speaker.ask("POST", "/playbooks/lint", data=text, headers=headers, content_type="application/yaml")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_sound_playbook_has_no_faults_and_is_not_added(boss_sqlite: Api, playbook: dict[str, Any]) -> None:
    assert lint(boss_sqlite, json.dumps(playbook)) == {"items": [], "errors": 0, "warnings": 0}
    assert lint(boss_sqlite, to_yaml_text(playbook))["errors"] == 0
    assert boss_sqlite.seen("/playbooks")["items"] == []


def test_every_fault_is_named_with_place_code_clause_and_hint(boss_sqlite: Api, playbook: dict[str, Any]) -> None:
    first, *_ = [key for key in playbook["workflow"] if key.startswith("action--")]
    playbook["workflow"][first]["on_completion"] = "end--00000000-0000-4000-8000-000000000000"
    playbook |= {"created": "2026-01-01T00:00:00Z"}
    del playbook["name"]
    found = lint(boss_sqlite, json.dumps(playbook))
    by_code = {item["code"]: item for item in found["items"]}
    assert by_code["dangling_step"]["pointer"] == f"/workflow/{first}/on_completion"
    assert {item["severity"] for item in found["items"]} == {"error", "warning"}
    assert found["errors"] + found["warnings"] == len(found["items"])
    assert all(item["text"] and item["hint"] for item in found["items"])
    assert "section" in by_code["dangling_step"]["clause"]


def test_faults_are_told_in_the_callers_language(boss_sqlite: Api, playbook: dict[str, Any]) -> None:
    del playbook["name"]
    headers = {"Accept-Language": "zh-CN"}
    [item, *_] = lint(boss_sqlite, json.dumps(playbook), **headers)["items"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in item["text"])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in item["hint"])


@pytest.mark.parametrize("text", ["{", "a: [", b"\xff\xfe", "[]", "&a [*a]", "null"])
def test_a_text_that_is_no_document_is_a_fault_like_any_other(boss_sqlite: Api, text: str | bytes) -> None:
    found = lint(boss_sqlite, text)
    assert found["errors"] >= 1
    assert found["items"][0]["text"]


def test_ten_megabytes_are_answered_soon_and_more_is_refused(boss_sqlite: Api) -> None:
    large = '{"name": "' + "x" * 9_900_000 + '"}'
    began = time.monotonic()
    assert lint(boss_sqlite, large)["errors"] > 1
    assert time.monotonic() - began < 3
    answer = boss_sqlite.ask("POST", "/playbooks/lint", data=large + " " * 1_000_000, content_type="application/json")
    assert answer.status_code == 413


def test_earlier_versions_of_cacao_are_refused_with_what_to_change(boss_sqlite: Api, playbook: dict[str, Any]) -> None:
    playbook["spec_version"] = "1.1"
    found = lint(boss_sqlite, json.dumps(playbook))
    assert any("1.1" in item["text"] for item in found["items"])


def test_a_playbook_is_given_as_yaml_to_who_asks_for_it(boss_sqlite: Api, playbook: dict[str, Any]) -> None:
    boss_sqlite.made("/playbooks", playbook)
    path = f"/playbooks/{playbook['id']}"
    answer = boss_sqlite.get(path, headers={"Accept": "application/yaml"})
    assert (answer.mimetype, answer.headers["Vary"]) == ("application/yaml", "Accept")
    assert load(answer.data, "yaml") == playbook
    as_json = boss_sqlite.get(path, headers={"Accept": "text/html, */*;q=0.1"})
    assert (as_json.mimetype, as_json.json) == ("application/json", playbook)
    assert as_json.headers["ETag"] != answer.headers["ETag"]
    again = boss_sqlite.get(path, headers={"Accept": "application/yaml", "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_playbook_of_tlp_red_is_there_for_those_alone_who_may_see_it(
    furnished: Speaker, playbook: dict[str, Any]
) -> None:
    boss = furnished("coordinator")
    assert boss.made("/playbooks", marked(playbook, "TLP:RED"))["tlp"] == "TLP:RED"
    path = f"/playbooks/{playbook['id']}"
    for role, is_seen in (("administrator", True), ("coordinator", True), ("responder", False), ("reader", False)):
        speaker = furnished(role)
        assert (speaker.get(path).status_code == 200) is is_seen, role
        assert len(speaker.seen("/playbooks")["items"]) == is_seen, role
        page = speaker.client.get("/playbooks", headers=speaker.headers)
        assert (playbook["name"] in page.text) is is_seen, role
        page = speaker.client.get(f"/playbooks/{playbook['id']}/file", headers=speaker.headers)
        assert (page.status_code == 200) is is_seen, role


def test_who_may_not_see_a_playbook_cannot_start_it_with_an_incident(
    furnished: Speaker, playbook: dict[str, Any]
) -> None:
    furnished("coordinator").made("/playbooks", marked(playbook, "TLP:RED"))
    given = {"title": "A worm", "playbook": playbook["id"]}
    answer = furnished("responder").post("/incidents", given)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["code"] == "playbook.unknown"
    furnished("coordinator").made("/incidents", given)


def test_the_tasks_of_such_a_playbook_follow_the_incident(furnished: Speaker, playbook: dict[str, Any]) -> None:
    boss = furnished("coordinator")
    boss.made("/playbooks", marked(playbook, "TLP:RED"))
    boss.made("/incidents", {"title": "A worm", "departments": ["CERT"], "playbook": playbook["id"]})
    [task] = furnished("department", "CERT").seen("/tasks")["items"]
    assert task["title"] == "Look"


def test_any_other_mark_hides_nothing(boss_sqlite: Api, furnished_sqlite: Speaker, playbook: dict[str, Any]) -> None:
    assert boss_sqlite.made("/playbooks", marked(playbook, "TLP:AMBER+STRICT"))["tlp"] == "TLP:AMBER+STRICT"
    assert len(furnished_sqlite("reader").seen("/playbooks")["items"]) == 1


def test_starting_a_run_names_the_commands_that_people_get(furnished: Speaker) -> None:
    boss = furnished("coordinator")
    gate = "ssh--33333333-3333-4333-8333-333333333333"
    made = document(
        {
            "block": action("isolate", http(), agent=MACHINE_AGENT),
            "isolate": action("scan", {"type": "ssh", "command": "isolate"}, agent=gate),
            "scan": action("end", {"type": "yara", "command_b64": "cnVsZQ=="}, agent=MACHINE_AGENT),
            "end": None,
        },
        "Mixed",
    )
    made["agent_definitions"][gate] = {"type": "ssh", "name": "gate", "address": {"dname": ["gate.example"]}}
    boss.made("/playbooks", made)
    number, count = boss.made("/incidents", {"title": "A worm"})["number"], itertools.count()

    def warned() -> list[str]:
        key = {"Idempotency-Key": f"start-{next(count)}"}
        found = boss.made(f"/incidents/{number}/runs", {"playbook": made["id"]}, headers=key)["warnings"]
        assert {one["code"] for one in found} == {"command_by_people"}
        return sorted(made["workflow"][one["pointer"].split("/")[2]]["commands"][0]["type"] for one in found)

    assert warned() == ["ssh", "yara"]
    given = {"host": "gate.example", "user": "isolate", "key_secret": "gate-key", "host_key": ED25519}
    furnished("administrator").made("/ssh-targets", given)
    with boss.client.application.app_context():
        approve_by_two(made, AT)
    # Allowed, but without a key it is still for people.
    assert warned() == ["ssh", "yara"]
