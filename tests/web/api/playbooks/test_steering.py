"""Control of runs over the API: pause, resume, retry, override, recompute."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.core.cacao.build import action, document, manual, uid
from tests.plugins.app import Api, Hand, Speaker

REASON = {"reason": "the host was down"}


@pytest.fixture
def run(boss: Api, playbook: dict[str, Any]) -> dict[str, Any]:
    """A run that waits for its first task."""
    boss.made("/playbooks", playbook)
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    started: dict[str, Any] = boss.made(f"/incidents/{number}/runs", {"playbook": playbook["id"]})
    return started


def fail(boss: Api) -> dict[str, Any]:
    """Fail the open task; return it."""
    [task] = boss.seen("/tasks")["items"]
    boss.done(f"/tasks/{task['id']}/complete", {"result": "failed"})
    failed: dict[str, Any] = task
    return failed


def test_a_paused_run_keeps_what_was_left_of_its_timers(boss: Api, run: dict[str, Any], hand: Hand) -> None:
    hand.forward(seconds=20)
    assert boss.done(f"/runs/{run['id']}/pause", {"reason": "lunch"})["state"] == "paused"
    assert boss.post(f"/runs/{run['id']}/pause").status_code == 409
    hand.forward(hours=2)
    resumed = boss.done(f"/runs/{run['id']}/resume")
    assert resumed["state"] == "waiting"
    [step] = [one for one in resumed["steps"] if one["due_at"]]
    assert step["due_at"] == "2026-11-21T10:31:00.000000Z"
    assert boss.post(f"/runs/{run['id']}/resume").status_code == 409


def test_a_failed_step_is_tried_again_and_its_run_lives(boss: Api, run: dict[str, Any]) -> None:
    task = fail(boss)
    assert boss.seen(f"/runs/{run['id']}")["state"] == "failed"
    again = boss.done(f"/runs/{run['id']}/steps/{task['step']}/retry", REASON)
    assert again["state"] == "waiting"
    [anew] = boss.seen("/tasks")["items"]
    assert (anew["step"], anew["visit"]) == (task["step"], task["visit"] + 1)
    entries = boss.seen(f"/incidents/{run['incident']}/journal?limit=200")["items"]
    assert [one["detail"]["reason"] for one in entries if one["verb"] == "step.retried"] == [REASON["reason"]]


def test_a_step_that_has_not_failed_is_not_tried_again(boss: Api, run: dict[str, Any]) -> None:
    [task] = boss.seen("/tasks")["items"]
    answer = boss.post(f"/runs/{run['id']}/steps/{task['step']}/retry", REASON)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "step.not_failed"
    assert boss.post(f"/runs/{run['id']}/steps/end--x/retry", REASON).status_code == 404
    assert boss.post(f"/runs/{run['id']}/steps/{task['step']}/retry").status_code == 422


def test_a_coordinator_decides_for_a_step_with_its_results(boss: Api) -> None:
    look = action("end", manual("Look"), out_args=["__host__"])
    variables = {"__host__": {"type": "string", "value": ""}}
    made = document({"look": look, "end": None}, "Ask", playbook_variables=variables)
    boss.made("/playbooks", made)
    number = boss.made("/incidents", {"title": "A worm"})["number"]
    run = boss.made(f"/incidents/{number}/runs", {"playbook": made["id"]})
    [task] = boss.seen("/tasks")["items"]
    given = REASON | {"variables": {"__host__": "web-1"}}
    ended = boss.done(f"/runs/{run['id']}/steps/{task['step']}/override", given)
    assert (ended["state"], ended["variables"]["__host__"]) == ("succeeded", "web-1")
    assert {one["key"]: one["state"] for one in ended["steps"]}[task["step"]] == "overridden"
    assert boss.seen("/tasks")["items"] == []


def test_a_step_of_a_called_playbook_is_named_by_its_key(boss: Api) -> None:
    inner = document({"look": action("end", manual("Look")), "end": None}, "Inner")
    call = {"type": "playbook-action", "playbook_id": inner["id"], "on_completion": "end"}
    outer = document({"call": call, "end": None}, "Outer")
    for made in (inner, outer):
        boss.made("/playbooks", made)
    number = boss.made("/incidents", {"title": "A worm"})["number"]
    run = boss.made(f"/incidents/{number}/runs", {"playbook": outer["id"]})
    key = fail(boss)["step"]
    assert key == f"{uid('playbook-action', 'Outer/call')}/{uid('action', 'Inner/look')}"
    assert boss.done(f"/runs/{run['id']}/steps/{quote(key, safe='')}/retry", REASON)["state"] == "waiting"
    failed = REASON | {"outcome": "failed"}
    assert boss.done(f"/runs/{run['id']}/steps/{key}/override", failed)["state"] == "failed"


def test_a_change_that_rests_on_an_old_reading_is_refused(boss: Api, run: dict[str, Any]) -> None:
    read = boss.get(f"/runs/{run['id']}").headers["ETag"]
    boss.done(f"/runs/{run['id']}/pause", headers={"If-Match": read})
    for control in ("resume", f"steps/{run['steps'][-1]['key']}/override"):
        answer = boss.post(f"/runs/{run['id']}/{control}", REASON, headers={"If-Match": read})
        assert answer.status_code == 412, control
    assert boss.seen(f"/runs/{run['id']}")["state"] == "paused"


def test_a_run_is_computed_anew_and_nothing_differs(boss: Api, run: dict[str, Any], hand: Hand) -> None:
    hand.forward(seconds=5)
    fail(boss)
    replayed = boss.seen(f"/runs/{run['id']}/replay")
    assert replayed["differences"] == []
    assert [turn["state"] for turn in replayed["turns"]] == ["waiting", "failed"]
    assert [turn["at"][-13:] for turn in replayed["turns"]] == ["30:00.000000Z", "30:05.000000Z"]
    assert replayed["turns"][1]["cause"]["event"] == "command_ended"
    assert "step_changed" in {effect["effect"] for effect in replayed["turns"][1]["effects"]}


def test_a_run_of_an_incident_that_one_may_not_see_is_not_there(furnished: Speaker, run: dict[str, Any]) -> None:
    boss = furnished("coordinator")
    read = boss.get(f"/incidents/{run['incident']}").headers["ETag"]
    boss.patch(f"/incidents/{run['incident']}", {"tlp": "red"}, headers={"If-Match": read})
    assert furnished("responder").get(f"/runs/{run['id']}/replay").status_code == 404
    assert furnished("responder").post(f"/runs/{run['id']}/pause").status_code == 403
    assert boss.get("/runs/999/replay").status_code == 404
