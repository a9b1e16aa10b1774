"""Branching steps without on_completion: their scope ends with their branch, with a warning (P15)."""

from __future__ import annotations

from typing import Any

import pytest

from incident.core.cacao import check
from incident.core.cacao.engine.events import Overridden
from incident.core.cacao.simulation import explore
from tests.core.cacao.build import MACHINE, Json, action, document, step_id
from tests.core.cacao.story import VARIABLE, Steps, Story

OPEN: dict[str, Json] = {
    "if": {"type": "if-condition", "condition": "__n__:value = 0", "on_true": "a", "on_false": "b"},
    "switch": {"type": "switch-condition", "switch": "__n__:value", "cases": {"0": "a", "default": "b"}},
    "parallel": {"type": "parallel", "next_steps": ["a", "b"]},
    "while": {"type": "while-condition", "condition": "__n__:value < 1", "on_true": "a"},
}


def made(kind: str, **more: Any) -> Json:
    steps: Steps = {"c": {**OPEN[kind], **more}, "a": action("ae", out_args=["__n__"]), "ae": None}
    if kind != "while":
        steps.update({"b": action("be"), "be": None})
    return document(steps, playbook_variables=VARIABLE)


@pytest.mark.parametrize("kind", OPEN)
def test_p15_a_branching_step_that_leads_nowhere_is_told_as_a_warning(kind: str) -> None:
    whole = made(kind)
    assert [(fault.code, fault.pointer, fault.severity) for fault in check(whole)] == [
        ("scope_ends", f"/workflow/{step_id(whole, 'c')}", "warning")
    ]


@pytest.mark.parametrize("kind", OPEN)
def test_p15_a_run_succeeds_when_the_branch_of_such_a_step_has_ended(kind: str) -> None:
    story = Story(made(kind))
    story.end("a", __n__="1")
    if kind == "parallel":
        assert story.state == "waiting"
        story.end("b")
    assert story.states("c", "ae") == ["succeeded", "succeeded"]
    assert story.state == "succeeded"


@pytest.mark.parametrize("kind", OPEN)
def test_p1_a_failure_in_such_a_step_goes_outward_all_the_same(kind: str) -> None:
    story = Story(made(kind))
    story.end("a", "failed")
    if kind == "parallel":
        story.end("b")
    assert (story.states("c"), story.state) == (["failed"], "failed")


def test_p15_an_if_that_does_not_hold_and_leads_nowhere_ends_its_scope_at_once() -> None:
    whole = made("if", condition="__n__:value = 5")
    del whole["workflow"][step_id(whole, "c")]["on_false"], whole["workflow"][step_id(whole, "b")]
    del whole["workflow"][step_id(whole, "be")]
    assert Story(whole).state == "succeeded"


def test_p15_inside_a_branch_control_returns_to_the_step_that_opened_it() -> None:
    steps: Steps = {
        "p": {"type": "parallel", "next_steps": ["c", "d"], "on_completion": "z"},
        "c": OPEN["while"],
        "a": action("ae", out_args=["__n__"]),
        "ae": None,
        "d": action("de"),
        "de": None,
        "z": action("e"),
        "e": None,
    }
    story = Story(document(steps, playbook_variables=VARIABLE))
    story.end("a", __n__="1")
    assert story.states("c", "p", "z") == ["succeeded", "running", None]
    story.end("d")
    assert story.states("p", "z") == ["succeeded", "waiting"]


def test_p15_only_success_may_lead_nowhere_while_failure_is_handled() -> None:
    whole = made("if", on_failure="f")
    key = step_id(whole, "c")
    whole = document(
        {
            "c": {**OPEN["if"], "on_failure": "f"},
            "a": action("ae"),
            "ae": None,
            "b": action("be"),
            "be": None,
            "f": action("e"),
            "e": None,
        },
        playbook_variables=VARIABLE,
    )
    assert [fault.code for fault in check(whole)] == ["scope_ends"]
    story = Story(whole)
    story.end("a", "failed")
    assert story.states("c", "f") == ["failed", "waiting"]
    well = Story(whole)
    well.end("a")
    assert (well.state, well.states("f")) == ("succeeded", [None])
    forced = Story(whole)
    forced.send(Overridden(key, "succeeded"))
    assert (forced.state, forced.states("c", "a")) == ("succeeded", ["overridden", "cancelled"])


@pytest.mark.parametrize("kind", OPEN)
def test_such_a_playbook_is_explored(kind: str) -> None:
    found = explore(Story(made(kind)).bundle, MACHINE)
    assert found.is_whole
    assert {way.end.state for way in found.paths} == {"succeeded", "failed"}
