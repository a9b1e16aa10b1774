"""Called playbooks, pinned versions, and start values (P11)."""

from __future__ import annotations

import pytest

from incident.core.cacao import StartRefused, advance
from incident.core.cacao.engine.effects import CancelCommand, OpenTask, VariableSet
from incident.core.cacao.engine.events import Paused
from incident.core.cacao.engine.events import TimerPassed as Passed
from tests.core.cacao.build import (
    MACHINE,
    MACHINE_AGENT,
    NOW,
    action,
    bundle,
    document,
    http,
    manual,
    of_kind,
)
from tests.core.cacao.story import VARIABLE, Steps, Story


def test_a_command_in_flight_is_called_back_when_its_step_times_out() -> None:
    story = Story(document({"a": action("e", http(), agent=MACHINE_AGENT), "e": None}))
    turn = story.send(Passed("timeout", story.key("a"), 1))
    assert of_kind(turn, CancelCommand) == [CancelCommand(story.key("a"), 1, 0)]
    assert story.end("a").effects == ()


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
