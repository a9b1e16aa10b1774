"""Simulation over the API: the run, every path, faulty answers, and visibility of called playbooks."""

from typing import Any

from tests.core.cacao.build import action, document
from tests.plugins.app import Speaker

HOUR = 3_600_000
STEPS: dict[str, Any] = {"a": action("e", timeout=HOUR, name="Look", out_args=["__n__"]), "e": None}
LOOK = document(STEPS, name="Look", playbook_variables={"__n__": {"type": "integer"}})
WHERE = f"/playbooks/{LOOK['id']}/simulate"


def test_a_playbook_is_played_and_its_ends_are_listed(speak_sqlite: Speaker) -> None:
    speak_sqlite("coordinator").made("/playbooks", LOOK)
    found = speak_sqlite("reader").ask("POST", WHERE, {"nobody_answers": True}).get_json()
    assert (found["playbook"], found["seed"], found["nobody_answers"]) == (LOOK["id"], 0, True)
    play = found["play"]
    assert (play["state"], play["reason"], play["lasted"]) == ("failed", "timeout", "PT1H")
    [asked] = [entry for entry in play["entries"] if entry["entry"] == "asked"]
    assert (asked["name"], asked["who"], asked["due"]) == ("Look", ["Response"], "PT1H")
    assert [end["reason"] for end in found["exploration"]["ends"]] == ["command_failed", "timeout", None]


def test_answers_decide_the_play(speak_sqlite: Speaker) -> None:
    boss = speak_sqlite("coordinator")
    boss.made("/playbooks", LOOK)
    answers = {"Look": {"result": "succeeded", "after": "PT5M", "variables": {"__n__": 4}}}
    play = boss.ask("POST", WHERE, {"answers": answers}).get_json()["play"]
    assert (play["state"], play["lasted"], play["variables"]) == ("succeeded", "PT5M", {"__n__": "4"})


def test_a_body_is_not_needed_and_nothing_is_kept(speak_sqlite: Speaker) -> None:
    boss = speak_sqlite("administrator")
    boss.made("/playbooks", LOOK)
    assert boss.ask("POST", WHERE).status_code == 200
    assert boss.ask("GET", "/incidents").get_json()["items"] == []
    assert boss.ask("GET", "/tasks").get_json()["items"] == []


def test_faults_of_answers_are_told_with_their_places(speak_sqlite: Speaker) -> None:
    boss = speak_sqlite("coordinator")
    boss.made("/playbooks", LOOK)
    for sent, pointer in (
        ({"answers": {"Nowhere": "failed"}}, "/answers/Nowhere"),
        ({"answers": {"Look": {"result": "perhaps"}}}, "/answers/Look/result"),
        ({"variables": {"__other__": "1"}}, "/playbook_variables"),
        ({"seed": -1}, "/seed"),
        ({"speed": 1}, "/speed"),
    ):
        answer = boss.ask("POST", WHERE, sent)
        assert answer.status_code == 422, sent
        assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]


def test_a_called_playbook_that_one_may_not_see_is_played_as_a_task(speak_sqlite: Speaker) -> None:
    red = "marking-tlp--11111111-1111-4111-8111-111111111111"
    marking = {
        "type": "marking-tlp",
        "created_by": LOOK["created_by"],
        "created": LOOK["created"],
        "tlpv2_level": "TLP:RED",
    }
    called = document(
        {"x": action("y", timeout=HOUR, name="The secret step"), "y": None},
        name="Secret",
        markings=[red],
        data_marking_definitions={red: marking},
    )
    call = {"type": "playbook-action", "playbook_id": called["id"], "name": "Call it", "on_completion": "e"}
    made = document({"c": call, "e": None}, name="Caller")
    boss = speak_sqlite("coordinator")
    boss.made("/playbooks", called)
    boss.made("/playbooks", made)
    where = f"/playbooks/{made['id']}/simulate"
    assert "The secret step" in boss.ask("POST", where).text
    other = speak_sqlite("reader").ask("POST", where)
    assert "The secret step" not in other.text
    assert [one["code"] for one in other.get_json()["warnings"]] == ["call_stands_in"]
