"""Playbooks, their runs and tasks over the API."""

from typing import Any

import pytest

from incident.core.cacao import to_yaml_text
from tests.core.cacao.build import MACHINE_AGENT, action, document, manual
from tests.plugins.app import Api, Hand, Speaker


@pytest.fixture
def number(boss: Api, playbook: dict[str, Any]) -> str:
    """An incident on which the playbook runs."""
    boss.made("/playbooks", playbook)
    given = {"title": "A worm", "departments": ["CERT"], "playbook": playbook["id"]}
    return str(boss.made("/incidents", given)["number"])


def test_a_playbook_is_given_back_as_it_was_taken(boss: Api, playbook: dict[str, Any]) -> None:
    made = boss.made("/playbooks", playbook)
    assert (made["id"], made["name"]) == (playbook["id"], playbook["name"])
    assert boss.seen(f"/playbooks/{playbook['id']}") == playbook
    [item] = boss.seen("/playbooks")["items"]
    assert item["id"] == playbook["id"]


def test_a_playbook_in_yaml_is_given_back_as_json(boss_sqlite: Api, playbook: dict[str, Any]) -> None:
    answer = boss_sqlite.ask("POST", "/playbooks", data=to_yaml_text(playbook), content_type="application/yaml")
    assert answer.status_code == 201, answer.text
    assert boss_sqlite.seen(f"/playbooks/{playbook['id']}") == playbook


def test_a_bad_playbook_is_refused_with_every_fault_and_its_place(boss_sqlite: Api, playbook: dict[str, Any]) -> None:
    first, *_ = [key for key in playbook["workflow"] if key.startswith("action--")]
    playbook["workflow"][first]["on_completion"] = "end--00000000-0000-4000-8000-000000000000"
    del playbook["name"]
    answer = boss_sqlite.post("/playbooks", playbook)
    assert answer.status_code == 422
    assert answer.json is not None
    pointers = [error["pointer"] for error in answer.json["errors"]]
    assert f"/workflow/{first}/on_completion" in pointers
    assert any("name" in error["detail"] for error in answer.json["errors"])
    assert boss_sqlite.seen("/playbooks")["items"] == []


def test_a_command_of_another_tool_is_added_with_a_warning_and_its_task_says_why_people_do_it(boss_sqlite: Api) -> None:
    foreign = {"type": "openc2", "command": "POST post HTTP1.1"}
    made = document({"block": action("end", foreign, agent=MACHINE_AGENT), "end": None}, "Block")
    added = boss_sqlite.made("/playbooks", made)
    assert [(one["code"], one["pointer"].rpartition("/")[2]) for one in added["warnings"]] == [
        ("unknown_command", "type")
    ]
    number = boss_sqlite.made("/incidents", {"title": "A worm", "departments": ["CERT"], "playbook": made["id"]})[
        "number"
    ]
    [task] = boss_sqlite.seen(f"/tasks?incident={number}")["items"]
    assert task["why"] == {
        "code": "command.unknown",
        "detail": "do this manually: this system does not know this type of command",
    }
    assert task["command"] == "type: openc2\ncommand: POST post HTTP1.1"


@pytest.mark.parametrize("text", ["{", "a: [", "\xff"])
def test_a_text_that_is_no_document_is_refused(boss_sqlite: Api, text: str) -> None:
    answer = boss_sqlite.ask("POST", "/playbooks", data=text.encode("latin-1"), content_type="application/yaml")
    assert answer.status_code in (400, 422)
    assert answer.json is not None
    assert answer.json["errors"][0]["detail"]


def test_a_chain_of_five_thousand_steps_is_answered_soon(boss_sqlite: Api) -> None:
    steps: dict[str, Any] = {f"s{index}": action(f"s{index + 1}", manual("x")) for index in range(5000)}
    chain = document({**steps, "s5000": None}, "Chain")
    answer = boss_sqlite.post("/playbooks", chain)
    assert 400 <= answer.status_code < 500
    assert answer.json is not None
    assert answer.json["errors"]


def test_a_playbook_that_is_not_here_cannot_be_named(boss_sqlite: Api) -> None:
    missing = "playbook--00000000-0000-4000-8000-000000000000"
    answer = boss_sqlite.post("/incidents", {"title": "A worm", "playbook": missing})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/playbook"
    assert boss_sqlite.get(f"/playbooks/{missing}").status_code == 404


def test_a_run_starts_with_the_incident_and_opens_its_first_task(boss: Api, number: str) -> None:
    seen = boss.seen(f"/incidents/{number}")
    [run], [task] = seen["runs"], seen["tasks"]
    assert run["name"] == "Look and tell"
    assert (task["state"], task["department"], task["due_at"]) == ("open", "CERT", "2026-11-21T08:31:00.000000Z")
    whole = boss.seen(f"/runs/{run['id']}")
    assert whole["incident"] == number
    steps = {step["key"]: step for step in whole["steps"]}
    assert steps[task["step"]]["state"] in ("running", "waiting")
    assert steps[task["step"]]["visit"] == task["visit"]


def test_completing_a_task_goes_on_to_the_next_and_to_the_end(boss: Api, number: str, hand: Hand) -> None:
    [first] = boss.seen(f"/tasks?incident={number}")["items"]
    hand.forward(seconds=30)
    done = boss.done(f"/tasks/{first['id']}/complete", {"result": "succeeded", "note": "看过了"})
    assert (done["state"], done["note"], done["ended_at"]) == ("succeeded", "看过了", "2026-11-21T08:30:30.000000Z")
    [second] = boss.seen(f"/tasks?incident={number}")["items"]
    assert second["id"] != first["id"]
    boss.done(f"/tasks/{second['id']}/complete", {"result": "succeeded"})
    assert boss.seen(f"/incidents/{number}")["runs"][0]["state"] == "succeeded"
    assert boss.seen(f"/tasks?incident={number}")["items"] == []
    assert [task["state"] for task in boss.seen(f"/tasks?incident={number}&state=all")["items"]] == ["succeeded"] * 2


def test_a_task_is_completed_once(boss: Api, number: str) -> None:
    [task] = boss.seen("/tasks")["items"]
    boss.done(f"/tasks/{task['id']}/complete", {"result": "succeeded"})
    again = boss.post(f"/tasks/{task['id']}/complete", {"result": "failed"})
    assert again.status_code == 409
    assert boss.seen(f"/tasks/{task['id']}")["state"] == "succeeded"


def test_a_department_completes_its_own_tasks_alone(furnished: Speaker, number: str) -> None:
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    [task] = furnished("department", "CERT").seen("/tasks")["items"]
    law = furnished("department", "LAW")
    assert law.seen("/tasks")["items"] == []
    assert law.post(f"/tasks/{task['id']}/complete", {"result": "failed"}).status_code == 404
    assert furnished("reader").post(f"/tasks/{task['id']}/complete", {"result": "failed"}).status_code == 403
    furnished("department", "CERT").done(f"/tasks/{task['id']}/complete", {"result": "succeeded"})


def test_a_run_is_started_by_hand_and_cancelled(boss: Api, playbook: dict[str, Any]) -> None:
    boss.made("/playbooks", playbook)
    number = boss.made("/incidents", {"title": "A worm"})["number"]
    answer = boss.post(f"/incidents/{number}/runs", {"playbook": playbook["id"]})
    assert answer.status_code == 201
    assert answer.json is not None
    run = answer.json["id"]
    assert answer.headers["Location"] == f"/api/v1/runs/{run}"
    ended = boss.done(f"/runs/{run}/cancel", {"reason": "not needed"})
    assert ended["state"] == "cancelled"
    assert boss.seen(f"/tasks?incident={number}")["items"] == []
    assert boss.post(f"/runs/{run}/cancel").status_code == 409


def test_values_that_a_playbook_asks_for_are_given_at_the_start(boss_sqlite: Api) -> None:
    asks = {"__host__": {"type": "string", "external": True}}
    needy = document(
        {"look": action("end", manual("Look at __host__:value")), "end": None}, "Needy", playbook_variables=asks
    )
    boss_sqlite.made("/playbooks", needy)
    number = boss_sqlite.made("/incidents", {"title": "A worm"})["number"]
    bare = boss_sqlite.post(f"/incidents/{number}/runs", {"playbook": needy["id"]})
    assert bare.status_code == 422
    assert "__host__" in bare.text
    given = {"playbook": needy["id"], "variables": {"__host__": "web-1"}}
    run = boss_sqlite.made(f"/incidents/{number}/runs", given)
    assert run["variables"]["__host__"] == "web-1"


@pytest.mark.parametrize(
    "body",
    [
        {"result": "done"},
        {},
        {"result": "succeeded", "variables": []},
        {"result": "succeeded", "variables": {"__unknown__": "x"}},
        {"result": "succeeded", "variables": {"__x__": "\x00"}},
        {"result": "succeeded", "note": 7},
        {"result": "succeeded", "extra": 1},
    ],
)
def test_a_bad_completion_changes_nothing(boss_sqlite: Api, playbook: dict[str, Any], body: dict[str, Any]) -> None:
    boss_sqlite.made("/playbooks", playbook)
    boss_sqlite.made("/incidents", {"title": "A worm", "playbook": playbook["id"], "departments": ["CERT"]})
    [task] = boss_sqlite.seen("/tasks")["items"]
    assert boss_sqlite.post(f"/tasks/{task['id']}/complete", body).status_code == 422
    assert boss_sqlite.seen(f"/tasks/{task['id']}")["state"] == "open"
