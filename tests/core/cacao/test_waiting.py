"""Delays, time limits, pauses and choices (P6, P8, P9, P16)."""

from __future__ import annotations

from incident.core.cacao import Profile
from incident.core.cacao.engine.effects import CancelTimer, Noted, OpenTask, RunChanged, SetTimer, StepChanged
from incident.core.cacao.engine.events import Paused, Resumed
from incident.core.cacao.engine.events import TimerPassed as Passed
from tests.core.cacao.build import (
    NOW,
    action,
    choice,
    document,
    minutes,
    of_kind,
)
from tests.core.cacao.story import VARIABLE, Steps, Story, two_ways


def test_p6_an_action_without_timeout_gets_the_default() -> None:
    story = Story(document({"a": action("e"), "e": None}), profile=Profile(default_timeout=minutes(30)))
    assert of_kind(story.turn, SetTimer) == [SetTimer("timeout", story.key("a"), 1, NOW + minutes(30))]
    assert of_kind(story.turn, OpenTask)[0].due_at == NOW + minutes(30)


def test_p6_a_timeout_starts_after_the_delay() -> None:
    story = Story(document(two_ways(delay=60_000, timeout=120_000)))
    key = story.key("a")
    assert of_kind(story.turn, SetTimer) == [SetTimer("delay", key, 1, NOW + minutes(1))]
    assert story.states("a") == ["scheduled"]
    turn = story.send(Passed("delay", key, 1), 1)
    assert of_kind(turn, SetTimer) == [SetTimer("timeout", key, 1, NOW + minutes(3))]
    assert StepChanged(key, 1, "scheduled", "waiting") in turn.effects
    story.send(Passed("timeout", key, 1), 3)
    assert story.states("a", "f") == ["timed_out", "waiting"]


def test_a_run_whose_first_step_is_delayed_is_scheduled() -> None:
    made = document({"a": action("e"), "e": None})
    made["workflow"][made["workflow_start"]]["delay"] = 1000
    story = Story(made)
    assert story.state == "scheduled"
    story.send(Passed("delay", story.key("start"), 1))
    assert story.state == "waiting"


def switch(**cases: str) -> Steps:
    ends: Steps = {"a": action("ae"), "ae": None, "b": action("be"), "be": None, "e": None}
    return {"s": {"type": "switch-condition", "switch": "__n__:value", "cases": cases, "on_completion": "e"}, **ends}


def test_a_switch_takes_the_case_that_is_equal_by_type() -> None:
    story = Story(document(switch(**{"1": "b", "00": "a"}), playbook_variables=VARIABLE))
    assert story.states("a", "b") == ["waiting", None]


def test_p8_a_switch_takes_the_default_and_fails_without_one() -> None:
    story = Story(document(switch(**{"1": "a", "default": "b"}), playbook_variables=VARIABLE))
    assert story.states("a", "b") == [None, "waiting"]
    story = Story(document(switch(**{"1": "a", "2": "b"}), playbook_variables=VARIABLE))
    assert (story.state, story.turn.run.reason) == ("failed", "no_case")


def test_an_if_without_on_false_goes_on_when_its_condition_is_false() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 7", "a", on_completion="e"),
        "a": action("ae"),
        "ae": None,
        "e": None,
    }
    assert Story(document(steps, playbook_variables=VARIABLE)).state == "succeeded"


def test_p9_a_paused_run_keeps_what_was_left_of_each_timer() -> None:
    story = Story(document({"a": action("e", timeout=600_000), "e": None}))
    key = story.key("a")
    turn = story.send(Paused("lunch"), 4)
    assert turn.effects == (CancelTimer("timeout", key, 1), RunChanged("waiting", "paused", "lunch"))
    turn = story.send(Resumed(), 64)
    assert of_kind(turn, SetTimer) == [SetTimer("timeout", key, 1, NOW + minutes(70))]
    assert story.turn.run.steps[key].due_at == NOW + minutes(70)


def test_p9_what_ends_during_a_pause_is_taken_in_and_nothing_new_starts() -> None:
    story = Story(document({"a": action("b"), "b": action("e"), "e": None}))
    story.send(Paused())
    turn = story.end("a")
    assert turn.effects == ()
    assert story.states("a", "b") == ["waiting", None]
    held = turn.run
    assert story.end("a").run is held
    story.send(Resumed(), 5)
    assert story.states("a", "b") == ["succeeded", "waiting"]


def test_p9_a_timer_that_passes_during_a_pause_changes_nothing() -> None:
    story = Story(document({"a": action("e", timeout=60_000), "e": None}))
    paused = story.send(Paused()).run
    assert story.send(Passed("timeout", story.key("a"), 1)).run is paused


def test_p16_a_condition_on_an_unknown_variable_is_false_not_included() -> None:
    for condition in ("__n__:value = 1", "NOT __n__:value = 1", "__n__:value != 1"):
        steps: Steps = {
            "if": {
                "type": "if-condition",
                "condition": condition,
                "on_true": "a",
                "on_false": "b",
                "on_completion": "e",
            },
            "a": action("ae"),
            "ae": None,
            "b": action("be"),
            "be": None,
            "e": None,
        }
        story = Story(document(steps, playbook_variables={"__n__": {"type": "integer"}}))
        assert story.states("a", "b") == [None, "waiting"]
        expected = Noted("variable_unknown", {"step": story.key("if"), "names": ["__n__"]})
        assert of_kind(story.turn, Noted) == [expected]
