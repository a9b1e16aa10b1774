"""Manual control of a run: cancel, retry, override, reopen."""

from __future__ import annotations

from incident.core.cacao import reopen_run
from incident.core.cacao.engine.effects import CancelTask, RunChanged, SetTimer, StepChanged
from incident.core.cacao.engine.events import Cancelled, Overridden, Retried
from tests.core.cacao.build import (
    MACHINE,
    NOW,
    action,
    document,
    minutes,
    of_kind,
)
from tests.core.cacao.story import VARIABLE, Steps, Story, fork, loop, two_ways


def test_cancelling_ends_whatever_lives() -> None:
    story = Story(document(fork()))
    turn = story.send(Cancelled("false alarm"))
    assert story.states("p", "a", "b") == ["cancelled"] * 3
    assert len(of_kind(turn, CancelTask)) == 2
    assert turn.effects[-1] == RunChanged("waiting", "cancelled", "false alarm")


def test_a_failed_step_of_a_live_run_can_be_retried_where_it_failed() -> None:
    story = Story(document(fork()))
    story.end("a", "failed")
    turn = story.send(Retried(story.key("a"), "network is back", visit=1))
    assert StepChanged(story.key("a"), 2, None, "waiting", "network is back") in turn.effects
    assert story.send(Retried(story.key("a"), "network is back", visit=1)).effects == ()
    story.end("a")
    story.end("b")
    assert story.state == "succeeded"


def test_retrying_cancels_the_way_that_the_failure_has_led() -> None:
    story = Story(document(two_ways()))
    story.end("a", "failed")
    turn = story.send(Retried(story.key("a")))
    assert CancelTask(story.key("f"), 1, 0) in turn.effects
    assert story.states("a", "f") == ["waiting", "cancelled"]


def test_a_live_step_can_be_overridden_but_not_retried() -> None:
    story = Story(document(two_ways(out_args=["__n__"]), playbook_variables=VARIABLE))
    assert story.send(Retried(story.key("a"))).effects == ()
    turn = story.send(Overridden(story.key("a"), "succeeded", {"__n__": "3"}, "seen it myself"))
    assert CancelTask(story.key("a"), 1, 0) in turn.effects
    assert StepChanged(story.key("a"), 1, "waiting", "overridden", "seen it myself") in turn.effects
    assert (story.state, story.turn.run.variables) == ("succeeded", {"__n__": "3"})


def test_a_failed_run_can_be_reopened_at_the_step_that_failed_deep_within() -> None:
    steps: Steps = {
        "if": {
            "type": "if-condition",
            "condition": "__n__:value = 0",
            "on_true": "p",
            "on_completion": "e",
            "timeout": 60_000,
        },
        "p": {"type": "parallel", "next_steps": ["a", "b"], "on_completion": "pe"},
        "a": action("ae"),
        "ae": None,
        "b": action("be"),
        "be": None,
        "pe": None,
        "e": None,
        "x": action("e"),
    }
    story = Story(document(steps, playbook_variables=VARIABLE, workflow_exception="x"))
    story.end("b")
    story.end("a", "failed")
    story.end("x")
    assert story.state == "failed"
    assert story.send(Retried(story.key("a"))).effects == ()
    turn = reopen_run(story.bundle, story.turn.run, Retried(story.key("a"), "once more"), NOW + minutes(9), MACHINE)
    story.turn = turn
    assert RunChanged("failed", "waiting", "once more") in turn.effects
    assert SetTimer("timeout", story.key("if"), 1, NOW + minutes(10)) in turn.effects
    assert story.states("if", "p", "a", "b") == ["running", "running", "waiting", "succeeded"]
    story.end("a")
    assert story.state == "succeeded"


def test_a_step_of_an_earlier_round_cannot_be_taken_up() -> None:
    steps = loop()
    steps["a"] = action(None, on_success="ae", on_failure="c")
    steps["c"] = action("ae")
    story = Story(document(steps, playbook_variables=VARIABLE))
    story.end("a", "failed", at=1)
    story.end("c", at=2)
    assert story.states("a") == ["waiting"]
    story.end("a", "failed", at=3)
    story.end("c", at=4)
    story.send(Overridden(story.key("a"), "succeeded"), 5)
    story.end("a", at=6)
    assert story.send(Retried(story.key("c")), 7).effects == ()
