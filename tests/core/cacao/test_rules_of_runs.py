"""The execution profile, rule by rule: how runs fail, wait, turn, join and end (P1 to P4, P6, P8, P9, P11, P16)."""

from __future__ import annotations

from typing import Any

import pytest

from incident.core.cacao import Profile, StartRefused, advance, reopen
from incident.core.cacao.effects import (
    CancelCommand,
    CancelTask,
    CancelTimer,
    Noted,
    OpenTask,
    RunChanged,
    SendCommand,
    SetTimer,
    StepChanged,
    VariableSet,
)
from incident.core.cacao.events import Cancelled, CommandEnded, Overridden, Paused, Resumed, Retried
from incident.core.cacao.events import TimerPassed as Passed
from incident.core.cacao.vocabulary import RETRY_EXTENSION
from tests.core.cacao.build import (
    MACHINE,
    MACHINE_AGENT,
    NOW,
    Json,
    action,
    bundle,
    choice,
    document,
    http,
    manual,
    minutes,
    of_kind,
)
from tests.core.cacao.story import Story

Steps = dict[str, Json | None]
VARIABLE = {"__n__": {"type": "integer", "value": "0"}}


def two_ways(**more: Any) -> Steps:
    return {"a": action(None, on_success="e", on_failure="f", **more), "f": action("e"), "e": None}


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


def loop(**more: object) -> Steps:
    return {
        "w": {"type": "while-condition", "condition": "__n__:value < 2", "on_true": "a", "on_completion": "e", **more},
        "a": action("ae", out_args=["__n__"]),
        "ae": None,
        "e": None,
    }


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
    story.tell(Passed("timeout", story.key("w"), 1), 10)
    assert story.states("w", "a") == ["failed", "cancelled"]
    assert story.turn.run.reason == "while_limit"
    assert of_kind(story.turn, CancelTask) == [CancelTask(story.key("a"), 1, 0)]


def test_p3_the_own_timeout_of_a_loop_counts_when_it_is_shorter() -> None:
    story = Story(document(loop(timeout=60_000), playbook_variables=VARIABLE))
    story.tell(Passed("timeout", story.key("w"), 1), 1)
    assert story.states("w") == ["timed_out"]


def fork(**more: object) -> Steps:
    return {
        "p": {"type": "parallel", "next_steps": ["a", "b"], "on_success": "e", "on_failure": "f", **more},
        "a": action("ae"),
        "ae": None,
        "b": action("be"),
        "be": None,
        "f": action("e"),
        "e": None,
    }


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
    turn = story.tell(Passed("timeout", story.key("p"), 1))
    assert story.states("p", "a", "b", "f") == ["timed_out", "cancelled", "cancelled", "waiting"]
    assert {effect.step for effect in of_kind(turn, CancelTask)} == {story.key("a"), story.key("b")}
    assert CancelTimer("timeout", story.key("p"), 1) not in turn.effects
    assert {effect.step for effect in of_kind(turn, CancelTimer)} == {story.key("a"), story.key("b")}


def test_p6_an_action_without_timeout_gets_the_default() -> None:
    story = Story(document({"a": action("e"), "e": None}), profile=Profile(default_timeout=minutes(30)))
    assert of_kind(story.turn, SetTimer) == [SetTimer("timeout", story.key("a"), 1, NOW + minutes(30))]
    assert of_kind(story.turn, OpenTask)[0].due_at == NOW + minutes(30)


def test_p6_a_timeout_starts_after_the_delay() -> None:
    story = Story(document(two_ways(delay=60_000, timeout=120_000)))
    key = story.key("a")
    assert of_kind(story.turn, SetTimer) == [SetTimer("delay", key, 1, NOW + minutes(1))]
    assert story.states("a") == ["scheduled"]
    turn = story.tell(Passed("delay", key, 1), 1)
    assert of_kind(turn, SetTimer) == [SetTimer("timeout", key, 1, NOW + minutes(3))]
    assert StepChanged(key, 1, "scheduled", "waiting") in turn.effects
    story.tell(Passed("timeout", key, 1), 3)
    assert story.states("a", "f") == ["timed_out", "waiting"]


def test_a_run_whose_first_step_is_delayed_is_scheduled() -> None:
    made = document({"a": action("e"), "e": None})
    made["workflow"][made["workflow_start"]]["delay"] = 1000
    story = Story(made)
    assert story.state == "scheduled"
    story.tell(Passed("delay", story.key("start"), 1))
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
    turn = story.tell(Paused("lunch"), 4)
    assert turn.effects == (CancelTimer("timeout", key, 1), RunChanged("waiting", "paused", "lunch"))
    turn = story.tell(Resumed(), 64)
    assert of_kind(turn, SetTimer) == [SetTimer("timeout", key, 1, NOW + minutes(70))]
    assert story.turn.run.steps[key].due_at == NOW + minutes(70)


def test_p9_what_ends_during_a_pause_is_taken_in_and_nothing_new_starts() -> None:
    story = Story(document({"a": action("b"), "b": action("e"), "e": None}))
    story.tell(Paused())
    turn = story.end("a")
    assert turn.effects == ()
    assert story.states("a", "b") == ["waiting", None]
    held = turn.run
    assert story.end("a").run is held
    story.tell(Resumed(), 5)
    assert story.states("a", "b") == ["succeeded", "waiting"]


def test_p9_a_timer_that_passes_during_a_pause_changes_nothing() -> None:
    story = Story(document({"a": action("e", timeout=60_000), "e": None}))
    paused = story.tell(Paused()).run
    assert story.tell(Passed("timeout", story.key("a"), 1)).run is paused


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


def test_a_machine_is_never_sent_a_command_with_an_unknown_value() -> None:
    steps: Steps = {"a": action("e", http("GET /__n__:value HTTP/1.1"), agent=MACHINE_AGENT), "e": None}
    story = Story(document(steps, playbook_variables={"__n__": {"type": "string"}}))
    assert not of_kind(story.turn, SendCommand)
    assert (story.state, story.turn.run.reason) == ("failed", "variable_unknown")


def test_the_commands_of_a_step_are_carried_out_one_after_the_other() -> None:
    steps: Steps = {"a": action("e", http(), manual("look"), http(), agent=MACHINE_AGENT), "e": None}
    story = Story(document(steps))
    assert (story.state, story.states("a")) == ("running", ["running"])
    turn = story.end("a")
    assert [effect.command for effect in of_kind(turn, OpenTask)] == [1]
    assert (story.state, story.states("a")) == ("waiting", ["waiting"])
    story.end("a", command=1)
    assert story.end("a", command=1).effects == ()
    story.end("a", command=2)
    assert story.state == "succeeded"


def test_a_failed_command_leaves_the_rest_undone() -> None:
    story = Story(document({"a": action("e", manual(), manual()), "e": None}))
    story.end("a", "failed")
    assert story.state == "failed"


def test_results_are_taken_by_name_and_type() -> None:
    story = Story(document({"a": action("e", out_args=["__n__"]), "e": None}, playbook_variables=VARIABLE))
    key = story.key("a")
    turn = story.tell(CommandEnded(key, 1, 0, "succeeded", {"__n__": "41", "__other__": "x"}))
    assert VariableSet("", "__n__", "41") in turn.effects
    assert Noted("value_not_taken", {"step": key, "names": ["__other__"]}) in turn.effects
    assert turn.run.variables == {"__n__": "41"}


def test_a_result_of_the_wrong_type_is_a_failure() -> None:
    story = Story(document({"a": action("e", out_args=["__n__"]), "e": None}, playbook_variables=VARIABLE))
    story.end("a", __n__="many")
    assert (story.state, story.turn.run.reason) == ("failed", "value_mistyped")
    assert story.turn.run.variables == {"__n__": "0"}


def test_a_step_variable_hides_the_outer_one_and_is_new_on_each_entry() -> None:
    own = {"__n__": {"type": "integer", "value": "7"}}
    steps: Steps = {
        "a": action("b", out_args=["__n__"], step_variables=own),
        "b": action("e", manual("__n__:value")),
        "e": None,
    }
    story = Story(document(steps, playbook_variables=VARIABLE))
    turn = story.end("a", __n__="8")
    assert VariableSet(story.key("a"), "__n__", "8") in turn.effects
    assert turn.run.variables == {"__n__": "0"}
    assert of_kind(turn, OpenTask)[0].instructions == "8"


def retrying(limit: int, pause: int) -> Steps:
    extension = {RETRY_EXTENSION: {"retry_limit": limit, "retry_delay": pause}}
    return {"a": action("e", step_extensions=extension), "e": None}


def test_p13_a_step_is_tried_again_only_where_the_playbook_says_so() -> None:
    story = Story(document(retrying(1, 60_000)))
    turn = story.end("a", "failed")
    assert of_kind(turn, SetTimer) == [SetTimer("delay", story.key("a"), 2, NOW + minutes(2))]
    assert StepChanged(story.key("a"), 2, None, "scheduled", "another_try") in turn.effects
    story.tell(Passed("delay", story.key("a"), 2), 2)
    story.end("a", "failed")
    assert story.state == "failed"


def test_cancelling_ends_whatever_lives() -> None:
    story = Story(document(fork()))
    turn = story.tell(Cancelled("false alarm"))
    assert story.states("p", "a", "b") == ["cancelled"] * 3
    assert len(of_kind(turn, CancelTask)) == 2
    assert turn.effects[-1] == RunChanged("waiting", "cancelled", "false alarm")


def test_a_command_in_flight_is_called_back_when_its_step_times_out() -> None:
    story = Story(document({"a": action("e", http(), agent=MACHINE_AGENT), "e": None}))
    turn = story.tell(Passed("timeout", story.key("a"), 1))
    assert of_kind(turn, CancelCommand) == [CancelCommand(story.key("a"), 1, 0)]
    assert story.end("a").effects == ()


def test_a_failed_step_of_a_live_run_can_be_retried_where_it_failed() -> None:
    story = Story(document(fork()))
    story.end("a", "failed")
    turn = story.tell(Retried(story.key("a"), "network is back", visit=1))
    assert StepChanged(story.key("a"), 2, None, "waiting", "network is back") in turn.effects
    assert story.tell(Retried(story.key("a"), "network is back", visit=1)).effects == ()
    story.end("a")
    story.end("b")
    assert story.state == "succeeded"


def test_retrying_cancels_the_way_that_the_failure_has_led() -> None:
    story = Story(document(two_ways()))
    story.end("a", "failed")
    turn = story.tell(Retried(story.key("a")))
    assert CancelTask(story.key("f"), 1, 0) in turn.effects
    assert story.states("a", "f") == ["waiting", "cancelled"]


def test_a_live_step_can_be_overridden_but_not_retried() -> None:
    story = Story(document(two_ways(out_args=["__n__"]), playbook_variables=VARIABLE))
    assert story.tell(Retried(story.key("a"))).effects == ()
    turn = story.tell(Overridden(story.key("a"), "succeeded", {"__n__": "3"}, "seen it myself"))
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
    assert story.tell(Retried(story.key("a"))).effects == ()
    turn = reopen(story.bundle, story.turn.run, Retried(story.key("a"), "once more"), NOW + minutes(9), MACHINE)
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
    story.tell(Overridden(story.key("a"), "succeeded"), 5)
    story.end("a", at=6)
    assert story.tell(Retried(story.key("c")), 7).effects == ()


CALLED = document(
    {"a": action("e", manual("check __n__:value"), out_args=["__n__"]), "e": None, "x": action("xe"), "xe": None},
    name="Called",
    playbook_variables={"__n__": {"type": "integer", "external": True}},
    workflow_exception="x",
)


def caller(**more: object) -> Steps:
    call = {"type": "playbook-action", "playbook_id": CALLED["id"], "in_args": ["__n__"], "out_args": ["__n__"]}
    return {"c": {**call, "on_success": "e", "on_failure": "f", **more}, "f": action("e"), "e": None}


def test_a_called_playbook_gets_and_returns_values_and_its_steps_have_a_path() -> None:
    story = Story(document(caller(), playbook_variables=VARIABLE), CALLED)
    assert of_kind(story.turn, OpenTask)[0].step == story.key("c/a")
    assert of_kind(story.turn, OpenTask)[0].instructions == "check 0"
    turn = story.end("c/a", __n__="5")
    assert VariableSet(story.key("c"), "__n__", "5") in turn.effects
    assert VariableSet("", "__n__", "5") in turn.effects
    assert (story.state, turn.run.variables) == ("succeeded", {"__n__": "5"})


def test_a_called_playbook_handles_its_own_exception_and_has_failed_all_the_same() -> None:
    story = Story(document(caller(), playbook_variables=VARIABLE), CALLED)
    story.end("c/a", "failed")
    assert story.states("c", "c/x") == ["running", "waiting"]
    story.end("c/x")
    assert story.states("c", "f") == ["failed", "waiting"]


def test_a_called_playbook_can_run_twice_at_once() -> None:
    call = {"type": "playbook-action", "playbook_id": CALLED["id"], "in_args": ["__n__"]}
    steps: Steps = {
        "p": {"type": "parallel", "next_steps": ["c", "d"], "on_completion": "e"},
        "c": {**call, "on_completion": "ce"},
        "ce": None,
        "d": {**call, "on_completion": "de"},
        "de": None,
        "e": None,
    }
    story = Story(document(steps, playbook_variables=VARIABLE), CALLED)
    story.end("c/a", __n__="1")
    assert story.states("c", "d", "d/a") == ["succeeded", "running", "waiting"]
    story.end("d/a", __n__="2")
    assert story.state == "succeeded"


def test_p11_a_run_goes_on_only_with_the_versions_it_started_with() -> None:
    story = Story(document(caller(), playbook_variables=VARIABLE), CALLED)
    newer = {**CALLED, "modified": "2026-02-01T00:00:00.000Z"}
    other = bundle(story.made, newer)
    with pytest.raises(ValueError, match="pinned"):
        advance(other, story.turn.run, Paused(), NOW, MACHINE)


def test_a_run_does_not_start_without_the_values_that_are_asked_for() -> None:
    asked = {"__ip__": {"type": "ipv4-addr", "external": True}, "__fixed__": {"type": "string", "value": "x"}}
    made = document({"a": action("e"), "e": None}, playbook_variables=asked)
    for values, code in (
        ({}, "value_missing"),
        ({"__ip__": "here"}, "value_mistyped"),
        ({"__ip__": None}, "value_missing"),
    ):
        with pytest.raises(StartRefused) as refused:
            Story(made, values=values)
        assert [fault.code for fault in refused.value.faults] == [code]
    with pytest.raises(StartRefused) as refused:
        Story(made, values={"__ip__": "10.0.0.1", "__fixed__": "y"})
    assert [fault.code for fault in refused.value.faults] == ["value_not_asked"]
    assert Story(made, values={"__ip__": "10.0.0.1"}).turn.run.variables["__ip__"] == "10.0.0.1"


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
