"""The API of drills: input, score, and exclusion of exercises elsewhere."""

from typing import Any

import pytest
from flask import Flask

from tests.core.cacao.build import action, document, manual
from tests.plugins.app import Hand, Speaker, speaking

CONTAIN = document(
    {"isolate": action("end", manual("Pull the cable."), name="Isolate", timeout=1_800_000), "end": None}, "Contain"
)


@pytest.fixture
def speak(sqlite_app: Flask) -> Speaker:
    """Speakers of an instance with a department, its contact and a playbook whose agent it is."""
    made = speaking(sqlite_app)
    boss = made("administrator")
    boss.made("/departments", {"code": "Response", "name": "Emergency response"})
    boss.made("/departments/Response/contacts", {"name": "Duty", "channel": "inbox", "level": 1})
    boss.made("/playbooks", CONTAIN)
    return made


def started(speak: Speaker, **more: Any) -> dict[str, Any]:
    return speak("coordinator").made("/drills", {"playbook": CONTAIN["id"], "speed": 60} | more)


def test_a_drill_is_started_and_its_score_is_read(speak: Speaker, hand: Hand) -> None:
    drill = started(speak)
    assert (drill["incident"], drill["state"], drill["speed"]) == ("DRL-2026-000001", "running", 60)
    assert (drill["playbook"], drill["name"], drill["lessons"]) == (CONTAIN["id"], "Contain", [])
    coordinator = speak("coordinator")
    incident = coordinator.seen(f"/incidents/{drill['incident']}")
    assert (incident["title"], incident["is_exercise"], incident["departments"]) == (
        "Exercise: Contain",
        True,
        ["Response"],
    )
    hand.forward(seconds=5)
    coordinator.done(f"/notices/{incident['notices'][0]['id']}/acknowledge")
    coordinator.done(f"/tasks/{incident['tasks'][0]['id']}/complete", {"result": "succeeded"})
    found = coordinator.seen(f"/drills/{drill['id']}")
    assert found["state"] == "ended"
    assert found["score"]["figures"] == {
        "share": 100,
        "acknowledged_for": "PT5M",
        "tasks_late": 0,
        "tasks_never": 0,
        "steps_timed_out": 0,
        "took_for": "PT5M",
    }
    assert (found["score"]["asked"], found["score"]["in_time"], found["score"]["real_for"]) == (2, 2, "PT5S")
    assert [lesson["code"] for lesson in found["lessons"]] == ["all_in_time"]
    assert found["lessons"][0]["detail"].startswith("All 2 answers and tasks were on time.")


def test_the_steps_of_a_drills_run_are_told_in_real_time(speak: Speaker, hand: Hand) -> None:
    drill = started(speak)
    run = speak("coordinator").seen(f"/runs/{drill['run']}")
    [due_at] = [step["due_at"] for step in run["steps"] if step["due_at"]]
    assert due_at == "2026-11-21T08:30:30.000000Z", "thirty minutes of the playbook"


def test_later_drills_are_compared_with_earlier_ones(speak: Speaker, hand: Hand) -> None:
    coordinator = speak("coordinator")
    for seconds in (2, 4):
        drill = started(speak)
        incident = coordinator.seen(f"/incidents/{drill['incident']}")
        hand.forward(seconds=seconds)
        coordinator.done(f"/notices/{incident['notices'][0]['id']}/acknowledge")
        coordinator.done(f"/tasks/{incident['tasks'][0]['id']}/complete", {"result": "succeeded"})
    found = coordinator.seen(f"/drills/{drill['id']}")
    figures = {one["name"]: one for one in found["compared"]["drills"]["figures"]}
    assert figures["acknowledged_for"] == {
        "name": "acknowledged_for",
        "value": "PT4M",
        "other": "PT2M",
        "direction": "worse",
    }
    assert [run["incident"] for run in found["compared"]["drills"]["runs"]] == ["DRL-2026-000001"]
    assert found["compared"]["real"]["runs"] == []
    assert [one["id"] for one in coordinator.seen("/drills")["items"]] == [2, 1]
    assert [one["id"] for one in coordinator.seen(f"/drills?playbook={CONTAIN['id']}&limit=1")["items"]] == [2]


def test_a_drill_is_ended_early_and_only_once(speak: Speaker) -> None:
    drill = started(speak)
    coordinator = speak("coordinator")
    ended = coordinator.done(f"/drills/{drill['id']}/end")
    assert ended["state"] == "ended"
    assert ended["ended_by"].endswith("coordinator of the tests")
    assert "ended_early" in [lesson["code"] for lesson in ended["lessons"]]
    again = coordinator.post(f"/drills/{drill['id']}/end")
    assert again.json is not None
    assert again.json["code"] == "drill.has_ended"


def test_lists_of_incidents_leave_exercises_out_unless_asked(speak: Speaker) -> None:
    started(speak)
    coordinator = speak("coordinator")
    real = coordinator.made("/incidents", {"title": "Ransomware in accounting", "departments": ["Response"]})
    assert (real["number"], real["is_exercise"]) == ("INC-2026-000001", False)
    assert [one["number"] for one in coordinator.seen("/incidents")["items"]] == ["INC-2026-000001"]
    assert [one["number"] for one in coordinator.seen("/incidents?q=Contain")["items"]] == []
    asked = coordinator.seen("/incidents?exercise=true&q=Contain")
    assert [one["number"] for one in asked["items"]] == ["DRL-2026-000001"]


def test_the_department_finds_the_exercise_in_its_inbox_and_no_other_sees_it(speak: Speaker) -> None:
    speak("administrator").made("/departments", {"code": "PRESS", "name": "Press office"})
    drill = started(speak)
    own, other = speak("department", "Response"), speak("department", "PRESS")
    assert [one["incident"] for one in own.seen("/notices")["items"]] == [drill["incident"]]
    assert other.seen("/notices")["items"] == []
    assert other.ask("GET", f"/incidents/{drill['incident']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"speed": 0}, "/speed"),
        ({"speed": 1001}, "/speed"),
        ({"playbook": "playbook--none"}, "/playbook"),
        ({"departments": ["NOWHERE"]}, "/departments/0"),
        ({"faster": True}, "/faster"),
    ],
)
def test_a_wrong_drill_is_refused_with_its_place(speak: Speaker, body: dict[str, Any], place: str) -> None:
    answer = speak("coordinator").ask("POST", "/drills", {"playbook": CONTAIN["id"]} | body)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert [one["pointer"] for one in answer.json["errors"]] == [place]


def test_the_same_request_starts_one_drill(speak: Speaker) -> None:
    coordinator = speak("coordinator")
    for _ in range(2):
        answer = coordinator.ask("POST", "/drills", {"playbook": CONTAIN["id"]}, headers={"Idempotency-Key": "k1"})
        assert answer.status_code == 201, answer.text
        assert answer.json is not None
        assert answer.json["id"] == 1
    assert len(coordinator.seen("/drills")["items"]) == 1


def test_what_is_no_drill_is_not_found(speak: Speaker) -> None:
    assert speak("coordinator").ask("GET", "/drills/7").status_code == 404
    assert speak("coordinator").ask("POST", "/drills/7/end").status_code == 404
