"""The commands of a step, their results, and retries (P13)."""

from __future__ import annotations

from incident.core.cacao.engine.effects import Noted, OpenTask, SendCommand, SetTimer, StepChanged, VariableSet
from incident.core.cacao.engine.events import CommandEnded
from incident.core.cacao.engine.events import TimerPassed as Passed
from incident.core.cacao.vocabulary import RETRY_EXTENSION
from tests.core.cacao.build import (
    MACHINE_AGENT,
    NOW,
    action,
    document,
    http,
    manual,
    minutes,
    of_kind,
)
from tests.core.cacao.story import VARIABLE, Steps, Story


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
    turn = story.send(CommandEnded(key, 1, 0, "succeeded", {"__n__": "41", "__other__": "x"}))
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
    story.send(Passed("delay", story.key("a"), 2), 2)
    story.end("a", "failed")
    assert story.state == "failed"
