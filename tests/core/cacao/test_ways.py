"""States that the exploration distinguishes or merges, on small playbooks."""

from __future__ import annotations

import random
from typing import Any

import pytest

from incident.core.cacao import Profile
from incident.core.cacao.simulation import Answers, PlannedAnswer, RunPaths, explore, simulate
from incident.core.cacao.simulation.transcript import WorkRequested
from incident.core.cacao.vocabulary import RETRY_EXTENSION
from tests.core.cacao.build import Json, action, bundle, choice, document, step_id
from tests.core.cacao.story import fork, loop

HOUR = 3_600_000
PEOPLE = Profile()
TRUTHS = {f"__{name}__": {"type": "bool"} for name in "abcdefghijkl"}


def paths_of(made: Json, *called: Json) -> RunPaths:
    return explore(bundle(made, *called), PEOPLE)


def reasons(paths: RunPaths) -> set[str]:
    return {way.end.reason for way in paths.failures}


def test_branches_that_share_a_variable_are_followed_in_every_order() -> None:
    steps: dict[str, Any] = {
        "p": {"type": "parallel", "next_steps": ["if", "set"], "on_completion": "e"},
        "if": choice("__a__:value = true", "late", on_completion="if_e", delay=HOUR),
        "late": action("late_e"),
        "late_e": None,
        "if_e": None,
        "set": action("set_e", out_args=["__a__"]),
        "set_e": None,
        "e": None,
    }
    made = document(steps, playbook_variables=TRUTHS)
    assert step_id(made, "late") in paths_of(made).entered


def test_what_two_branches_had_written_when_their_time_ran_out_is_told_apart() -> None:
    branch = {name: action(f"{name}2", out_args=[f"__{name}__"], timeout=HOUR) for name in "ab"}
    steps: dict[str, Any] = {
        "p": {"type": "parallel", "next_steps": ["a", "b"], "on_success": "e", "on_failure": "if", "timeout": HOUR},
        **branch,
        "a2": action("ae"),
        "ae": None,
        "b2": action("be"),
        "be": None,
        "if": choice("__a__:value = true AND __b__:value = true", "both", on_completion="e"),
        "both": action("both_e"),
        "both_e": None,
        "e": None,
    }
    made = document(steps, playbook_variables=TRUTHS)
    assert step_id(made, "both") in paths_of(made).entered


def test_a_wide_playbook_is_not_multiplied_out() -> None:
    """Three branches of four decisions each have some hundred million single paths."""
    heads = ["x0", "y0", "z0"]
    steps: dict[str, Any] = {"p": {"type": "parallel", "next_steps": heads, "on_success": "last", "on_failure": "last"}}
    for side, names in (("x", "abcd"), ("y", "efgh"), ("z", "ijkl")):
        for at, name in enumerate(names):
            here, variable = f"{side}{at}", f"__{name}__"
            asked: dict[str, Any] = {"out_args": [variable]}
            steps[here] = action(f"{here}if", **asked)
            steps[f"{here}if"] = choice(f"{variable}:value = true", f"{here}in", on_completion=f"{side}{at + 1}")
            steps |= {f"{here}in": action(f"{here}e"), f"{here}e": None}
        steps[f"{side}4"] = None
    paths = paths_of(document({**steps, "last": action("e"), "e": None}, playbook_variables=TRUTHS))
    assert paths.is_whole
    assert paths.turns < 2_500


def test_a_long_playbook_is_not_told_to_the_last_choice() -> None:
    steps: dict[str, Any] = {f"a{at}": action(f"a{at + 1}" if at < 499 else "e") for at in range(500)}
    paths = paths_of(document({**steps, "e": None}))
    assert not paths.is_whole
    assert 0 < sum(len(way.choices) for way in paths.paths) < 25_000


def test_the_limit_of_a_loop_is_an_end_of_its_own() -> None:
    paths = paths_of(document(loop(), playbook_variables={"__n__": {"type": "integer", "value": "0"}}))
    assert reasons(paths) == {"command_failed", "while_rounds", "while_limit"}
    [way] = [one for one in paths.failures if one.end.reason == "while_rounds"]
    assert [one.kind for one in way.choices] == ["repeats", "succeeded"]


def test_a_step_with_tries_left_fails_only_when_they_are_used_up() -> None:
    extension: dict[str, Any] = {"step_extensions": {RETRY_EXTENSION: {"retry_limit": 2}}}
    made = document({"a": action("e", timeout=HOUR, **extension), "e": None}, extension_definitions=EXTENSION)
    [failed, late] = paths_of(made).failures
    assert [one.kind for one in failed.choices] == ["repeats", "failed"]
    assert [one.kind for one in late.choices] == ["repeats", "timed_out"]


EXTENSION = {
    RETRY_EXTENSION: {
        "type": "extension-definition",
        "name": "Retry",
        "created_by": "identity--0d9c5a1e-58b7-4a38-9c0a-7a5f3c2e6b41",
        "schema": "docs/playbook-profile.md",
        "version": "1.0.0",
    }
}


def test_of_several_branches_that_failed_the_first_listed_is_named() -> None:
    made = document(fork(), playbook_variables={})
    named = {way.end.step for way in paths_of(made).failures}
    assert named == {step_id(made, "f")}
    steps = {key: step for key, step in fork().items() if key != "f"}
    steps["p"].pop("on_failure")  # type: ignore[union-attr]
    made = document(steps)
    assert {way.end.step for way in paths_of(made).failures} == {step_id(made, "a"), step_id(made, "b")}


def test_a_step_that_no_value_leads_to_is_named() -> None:
    steps = {"if": choice("__n__:value = true", "x", on_completion="e"), "x": action("xe"), "xe": None, "e": None}
    made = document(steps, playbook_variables={"__n__": {"type": "bool", "value": "false"}})
    paths = paths_of(made)
    assert list(paths.never) == [step_id(made, "x")]
    [way] = paths.paths
    assert (way.end.state, list(way.choices)) == ("succeeded", [])


def test_every_value_of_an_external_variable_that_matters_is_a_beginning() -> None:
    steps = {"if": choice("__n__:value > 3", "x", on_completion="e"), "x": action("xe"), "xe": None, "e": None}
    made = document(steps, playbook_variables={"__n__": {"type": "integer", "external": True}})
    paths = paths_of(made)
    assert step_id(made, "x") in paths.entered
    assert {way.choices[0].kind for way in paths.paths} == {"starts"}


LEADS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("failed", {"a": action("e"), "e": None}, {}),
    ("step", {"a": action(None, on_success="e", on_failure="f"), "f": action("e"), "e": None}, {}),
    ("exception", {"a": action("e"), "e": None, "h": action("e")}, {"workflow_exception": "h"}),
    (
        "again",
        {"a": action("e", step_extensions={RETRY_EXTENSION: {"retry_limit": 1}}), "e": None},
        {"extension_definitions": EXTENSION},
    ),
    (
        "limit",
        {
            "if": choice("NOT __a__:value = true", "a", on_completion="e", timeout=HOUR),
            "a": action("ae"),
            "ae": None,
            "e": None,
        },
        {"playbook_variables": {"__a__": {"type": "bool", "value": "false"}}},
    ),
]


@pytest.mark.parametrize(("lead", "steps", "more"), LEADS, ids=[one[0] for one in LEADS])
def test_a_task_says_where_silence_leads(lead: str, steps: dict[str, Any], more: dict[str, Any]) -> None:
    made = document(steps, **more)
    play = simulate(bundle(made), Answers({step_id(made, "a"): [PlannedAnswer()]}), PEOPLE, random.Random(0))
    [asked, *_] = [entry for entry in play.entries if isinstance(entry, WorkRequested)]
    assert asked.silence.lead == lead
