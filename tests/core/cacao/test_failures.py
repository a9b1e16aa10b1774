"""Propagation of failures, and limits of loops and branches (P1 to P4)."""

from __future__ import annotations

from incident.core.cacao import Profile
from incident.core.cacao.engine.effects import CancelTask, CancelTimer, RunChanged
from incident.core.cacao.engine.events import TimerPassed as Passed
from tests.core.cacao.build import (
    action,
    document,
    minutes,
    of_kind,
)
from tests.core.cacao.story import VARIABLE, Steps, Story, fork, loop, two_ways


def test_p1_a_failed_step_takes_its_on_failure() -> None:
    story = Story(document(two_ways()))
    story.end("a", "failed")
    assert story.states("a", "f", "e") == ["failed", "waiting", None]
    story.end("f")
    assert story.state == "succeeded"


def test_p1_a_failure_without_on_failure_makes_the_step_around_fail() -> None:
    steps: Steps = {
        "if": {
            "type": "if-condition",
            "condition": "__n__:value = 0",
            "on_true": "a",
            "on_success": "e",
            "on_failure": "f",
        },
        "a": action("ae"),
        "ae": None,
        "f": action("e"),
        "e": None,
    }
    story = Story(document(steps, playbook_variables=VARIABLE))
    story.end("a", "failed")
    assert story.states("a", "if", "ae", "f") == ["failed", "failed", None, "waiting"]


def test_p1_a_failure_that_nothing_handles_ends_the_run_failed() -> None:
    story = Story(document({"a": action("e"), "e": None}))
    story.end("a", "failed")
    assert story.state == "failed"
    assert not story.turn.run.is_handled
    assert of_kind(story.turn, RunChanged) == [RunChanged("waiting", "failed", "command_failed")]


def test_p2_workflow_exception_runs_once_and_the_run_ends_failed_but_handled() -> None:
    story = Story(document({"a": action("e"), "e": None, "x": action("e")}, workflow_exception="x"))
    story.end("a", "failed")
    assert story.states("a", "x", "e") == ["failed", "waiting", None]
    story.end("x")
    assert story.states("e") == ["succeeded"]
    assert story.state == "failed"
    assert story.turn.run.is_handled
    assert story.turn.run.reason == "command_failed"


def test_p2_a_failure_in_the_exception_handling_is_not_handled_again() -> None:
    story = Story(document({"a": action("e"), "e": None, "x": action("e")}, workflow_exception="x"))
    story.end("a", "failed")
    story.end("x", "failed")
    assert story.state == "failed"
    assert not story.turn.run.is_handled


def test_a_while_step_asks_again_after_each_round() -> None:
    story = Story(document(loop(), playbook_variables=VARIABLE))
    story.end("a", __n__="1")
    assert story.visit("a") == 2
    story.end("a", __n__="2")
    assert story.state == "succeeded"
    assert story.turn.run.steps[story.key("w")].rounds == 2


def test_p3_too_many_rounds_are_a_failure() -> None:
    story = Story(document(loop(), playbook_variables=VARIABLE), profile=Profile(while_rounds=2))
    story.end("a")
    story.end("a")
    assert story.states("w") == ["failed"]
    assert story.state == "failed"
    assert story.turn.run.reason == "while_rounds"


def test_p3_too_long_a_loop_is_a_failure_and_cancels_what_is_within() -> None:
    story = Story(document(loop(), playbook_variables=VARIABLE), profile=Profile(while_limit=minutes(10)))
    story.send(Passed("timeout", story.key("w"), 1), 10)
    assert story.states("w", "a") == ["failed", "cancelled"]
    assert story.turn.run.reason == "while_limit"
    assert of_kind(story.turn, CancelTask) == [CancelTask(story.key("a"), 1, 0)]


def test_p3_the_own_timeout_of_a_loop_counts_when_it_is_shorter() -> None:
    story = Story(document(loop(timeout=60_000), playbook_variables=VARIABLE))
    story.send(Passed("timeout", story.key("w"), 1), 1)
    assert story.states("w") == ["timed_out"]


def test_a_parallel_step_waits_for_all_its_branches() -> None:
    story = Story(document(fork()))
    story.end("a")
    assert story.states("p", "ae", "b") == ["running", "succeeded", "waiting"]
    story.end("b")
    assert story.state == "succeeded"


def test_p4_a_parallel_step_fails_only_when_all_branches_have_ended() -> None:
    story = Story(document(fork()))
    story.end("a", "failed")
    assert story.states("p", "b") == ["running", "waiting"]
    story.end("b")
    assert story.states("p", "f") == ["failed", "waiting"]


def test_a_timeout_of_a_compound_step_cancels_all_within_it() -> None:
    story = Story(document(fork(timeout=60_000)))
    turn = story.send(Passed("timeout", story.key("p"), 1))
    assert story.states("p", "a", "b", "f") == ["timed_out", "cancelled", "cancelled", "waiting"]
    assert {effect.step for effect in of_kind(turn, CancelTask)} == {story.key("a"), story.key("b")}
    assert CancelTimer("timeout", story.key("p"), 1) not in turn.effects
    assert {effect.step for effect in of_kind(turn, CancelTimer)} == {story.key("a"), story.key("b")}


def test_loops_in_loops_that_wait_for_nothing_are_stopped() -> None:
    steps: Steps = {"e": None}
    for depth in range(4):
        then = "e" if depth == 3 else f"e{depth + 1}"
        turning = {
            "type": "while-condition",
            "condition": "__n__:value = 0",
            "on_true": f"w{depth - 1}" if depth else "e0",
        }
        steps = {f"w{depth}": {**turning, "on_success": then, "on_failure": then}, f"e{depth}": None, **steps}
    story = Story(document(steps, playbook_variables=VARIABLE))
    assert (story.state, story.turn.run.reason) == ("failed", "turn_too_long")
