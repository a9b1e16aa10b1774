"""Repairs of `lint --fix`: each fault as other tools write it, and the behaviour of the repaired run."""

from __future__ import annotations

import copy
import datetime as dt
import random
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.cacao import PlaybookBundle, check, parse
from incident.core.cacao.engine.events import CommandEnded
from incident.core.cacao.fixing import Fix, fix, same_version_fault, same_versions
from incident.core.cacao.simulation import Answers, simulate
from incident.core.cacao.simulation.transcript import WorkRequested
from incident.core.cacao.vocabulary import BRANCHING_STEPS
from tests.core.cacao.build import NOW, PEOPLE_AGENT, Json, action, choice, document, http, manual, step_id, uid
from tests.core.cacao.generated import playbooks
from tests.core.cacao.story import VARIABLE, Steps, Story
from tests.core.cacao.world import PROFILE

USUAL = settings.default.max_examples if settings.default else 100


def fixed(made: Json, is_same_version: bool = False) -> tuple[Json, list[Fix]]:
    numbers = count(1)
    return fix(made, lambda: f"00000000-0000-4000-8000-{next(numbers):012}", NOW, is_same_version)


def codes(made: Json) -> list[str]:
    return sorted(fault.code for fault in check(made))


def mended(made: Json, *wanted: str) -> Json:
    """Return the repaired document; it must have no faults and exactly these changes."""
    before = copy.deepcopy(made)
    document, fixes = fixed(made)
    assert made == before, "the document itself is never changed"
    assert codes(document) == []
    assert sorted({one.code for one in fixes}) == sorted(wanted)
    assert fixed(document) == (document, []), "a repaired document needs nothing more"
    return document


def asked(made: Json, **values: str) -> list[str]:
    """Return the titles of all tasks of a run in which everything ends well."""
    story = Story(made, values=values or None)
    titles: list[str] = []
    while not story.turn.run.is_finished:
        record = next(one for one in story.turn.run.steps.values() if one.state == "waiting")
        titles.append(made["workflow"][record.key]["name"])
        story.send(CommandEnded(record.key, record.visit, record.command, "succeeded"))
    assert story.state == "succeeded"
    return titles


def named(then: str | None, name: str, **more: Any) -> Json:
    return action(then, name=name, **more)


def test_a_shared_end_step_is_given_to_each_branch() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 0", "a", on_false="b", on_completion="z"),
        "a": named("e", "A"),
        "b": named("e", "B"),
        "z": named("e", "Z"),
        "e": None,
    }
    made = document(steps, playbook_variables=VARIABLE)
    assert "end_shared" in codes(made)
    assert asked(mended(made, "fixed_end")) == ["A", "Z"]


def test_an_end_step_that_the_exception_shares_with_a_branch_is_split_and_with_the_main_line_kept() -> None:
    steps: Steps = {"if": choice("__n__:value = 0", "a"), "a": named("e", "A"), "e": None}
    made = document(steps, playbook_variables=VARIABLE, workflow_exception="e")
    whole = mended(made, "fixed_end", "fixed_way_on")
    assert asked(whole) == ["A"]
    plain = document({"a": action("e"), "e": None}, workflow_exception="e")
    assert fixed(plain) == (plain, [])


@pytest.mark.parametrize("value", ["0", "1"])
def test_a_shared_tail_after_an_if_comes_after_it(value: str) -> None:
    steps: Steps = {
        "if": choice("__n__:value = 0", "a", on_false="b"),
        "a": named("t", "A"),
        "b": named("t", "B"),
        "t": named("u", "T"),
        "u": named("e", "U"),
        "e": None,
    }
    made = document(steps, playbook_variables={"__n__": {"type": "integer", "value": value}})
    assert "step_shared" in codes(made)
    whole = mended(made, "fixed_tail")
    assert whole["workflow"][step_id(made, "if")]["on_completion"] == step_id(made, "t")
    assert asked(whole) == [["A", "B"][int(value)], "T", "U"]


def test_the_way_on_stands_beside_a_way_for_failures_as_the_standard_wants_it() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 0", "a", on_false="b", on_failure="f"),
        "a": named("t", "A"),
        "b": named("t", "B"),
        "f": named("fe", "F"),
        "fe": None,
        "t": named("e", "T"),
        "e": None,
    }
    made = document(steps, playbook_variables=VARIABLE)
    whole = mended(made, "fixed_tail")
    assert whole["workflow"][step_id(made, "if")]["on_success"] == step_id(made, "t")


def test_an_else_that_is_the_tail_itself_is_taken_out() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 1", "a", on_false="t"),
        "a": named("t", "A"),
        "t": named("e", "T"),
        "e": None,
    }
    made = document(steps, playbook_variables=VARIABLE)
    whole = mended(made, "fixed_tail")
    assert "on_false" not in whole["workflow"][step_id(made, "if")]
    assert asked(whole) == ["T"]


def test_a_tail_that_on_completion_names_as_well_runs_once() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 0", "a", on_completion="t"),
        "a": named("t", "A"),
        "t": named("e", "T"),
        "e": None,
    }
    assert asked(mended(document(steps, playbook_variables=VARIABLE), "fixed_tail")) == ["A", "T"]


def test_a_tail_of_nested_ifs_comes_after_the_outer_one() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 0", "in", on_false="c"),
        "in": choice("__n__:value = 5", "a", on_false="b"),
        "a": named("t", "A"),
        "b": named("t", "B"),
        "c": named("t", "C"),
        "t": named("e", "T"),
        "e": None,
    }
    made = document(steps, playbook_variables=VARIABLE)
    whole = mended(made, "fixed_tail")
    assert whole["workflow"][step_id(made, "if")]["on_completion"] == step_id(made, "t")
    assert asked(whole) == ["B", "T"]


def test_a_tail_of_parallel_branches_runs_once_after_all() -> None:
    steps: Steps = {
        "p": {"type": "parallel", "next_steps": ["a", "b"]},
        "a": named("t", "A"),
        "b": named("t", "B"),
        "t": named("e", "T"),
        "e": None,
    }
    assert sorted(asked(mended(document(steps), "fixed_tail"))) == ["A", "B", "T"]


def test_a_tail_that_not_every_branch_reaches_is_copied() -> None:
    cases = {"0": "a", "1": "b", "default": "c"}
    steps: Steps = {
        "s": {"type": "switch-condition", "switch": "__n__:value", "cases": cases, "on_completion": "z"},
        "a": named("t", "A"),
        "b": named("t", "B"),
        "c": named("ce", "C"),
        "ce": None,
        "t": named("te", "T"),
        "te": None,
        "z": named("e", "Z"),
        "e": None,
    }
    for value, titles in (("0", ["A", "T", "Z"]), ("1", ["B", "T", "Z"]), ("2", ["C", "Z"])):
        made = document(steps, playbook_variables={"__n__": {"type": "integer", "value": value}})
        assert asked(mended(made, "fixed_copy")) == titles


def test_a_way_for_failures_that_branches_share_is_copied_with_the_branches_inside_it() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 0", "a", on_false="b"),
        "a": named(None, "A", on_success="ae", on_failure="f"),
        "ae": None,
        "b": named(None, "B", on_success="be", on_failure="f"),
        "be": None,
        "f": choice("__n__:value = 0", "g", on_completion="fe"),
        "g": named("ge", "G"),
        "ge": None,
        "fe": None,
    }
    whole = mended(document(steps, playbook_variables=VARIABLE), "fixed_copy", "fixed_way_on")
    assert [step.get("name") for step in whole["workflow"].values()].count("G") == 2


def test_what_would_run_otherwise_is_left_to_people() -> None:
    steps: Steps = {
        "if": choice("__n__:value = 0", "a", on_completion="x"),
        "a": named("t", "A"),
        "x": named("t", "X"),
        "t": named("e", "T"),
        "e": None,
    }
    made = document(steps, playbook_variables=VARIABLE)
    repaired, fixes = fixed(made)
    assert "step_shared" in codes(repaired)
    assert "fixed_copy" not in {one.code for one in fixes}


@pytest.mark.parametrize("kind", ["if-condition", "while-condition", "switch-condition", "parallel"])
def test_a_branching_step_without_on_completion_gets_an_end_step(kind: str) -> None:
    bodies: dict[str, Json] = {
        "if-condition": choice("__n__:value = 0", "a"),
        "while-condition": {"type": kind, "condition": "__n__:value = 5", "on_true": "a"},
        "switch-condition": {"type": kind, "switch": "__n__:value", "cases": {"0": "a"}},
        "parallel": {"type": kind, "next_steps": ["a", "b"]},
    }
    steps: Steps = {"c": bodies[kind], "a": named("ae", "A"), "ae": None}
    if kind == "parallel":
        steps.update({"b": named("be", "B"), "be": None})
    made = document(steps, playbook_variables=VARIABLE)
    assert codes(made) == ["scope_ends"]
    whole = mended(made, "fixed_way_on")
    assert whole["workflow"][step_id(made, "c")]["on_completion"] in whole["workflow"]


def test_an_action_without_agent_gets_this_system_where_its_targets_say_where_to_go() -> None:
    server = uid("linux", "server")
    made = document({"a": named("b", "A"), "b": action("e", http(), targets=[server]), "e": None})
    made["target_definitions"] = {server: {"type": "http-api", "name": "x", "address": {"dname": ["x.example"]}}}
    del made["workflow"][step_id(made, "a")]["agent"]
    made["workflow"][step_id(made, "b")]["agent"] = ""
    document_, fixes = fixed(made)
    agents = {document_["workflow"][step_id(made, name)]["agent"] for name in "ab"}
    [agent] = agents
    assert document_["agent_definitions"][agent]["type"] == "security-category"
    assert [one.code for one in fixes] == ["fixed_agent"] * 2
    assert [code for code in codes(document_) if code != "id_of_other_type"] == []


def test_an_action_without_agent_or_address_goes_to_people() -> None:
    made = document({"a": action("e", {"type": "bash", "command": "ls"}), "e": None})
    del made["workflow"][step_id(made, "a")]["agent"], made["agent_definitions"]
    whole = mended(made, "fixed_agent")
    [agent] = whole["agent_definitions"].values()
    assert agent["type"] == "group"


def test_two_playbooks_of_one_id_and_modified_are_found_and_the_later_gets_its_own_id() -> None:
    one = document({"a": named("e", "A"), "e": None})
    other = document({"a": named("e", "B"), "e": None})
    other["modified"] = "2026-01-02T00:00:00Z"
    again = {**copy.deepcopy(one), "signatures": [{"type": "jss"}]}
    newer = {**copy.deepcopy(other), "modified": "2026-01-03T00:00:00.000Z"}
    assert same_versions([one, other, again, newer, {}, {"id": 5}]) == {1: 0}
    fault = same_version_fault(other, "one.json")
    assert (fault.code, fault.pointer, fault.is_error) == ("version_taken", "/modified", True)
    repaired, fixes = fixed(other, is_same_version=True)
    assert [found.code for found in fixes] == ["fixed_id"]
    assert repaired["id"] != one["id"]
    assert repaired["derived_from"] == [one["id"]]
    assert codes(repaired) == []


def test_whatever_was_changed_is_a_version_of_its_own() -> None:
    made = document({"if": choice("__n__:value = 0", "a"), "a": action("ae"), "ae": None}, playbook_variables=VARIABLE)
    assert fixed(made)[0]["modified"] == "2026-03-01T08:00:00.000Z"
    made["created"] = made["modified"] = "2030-01-01T00:00:00.500Z"
    assert fixed(made)[0]["modified"] == "2030-01-01T00:00:00.500Z"
    later = fix(made, lambda: "x", dt.datetime(2031, 1, 1, tzinfo=dt.UTC))[0]
    assert later["modified"] == "2031-01-01T00:00:00.000Z"


def test_nothing_is_done_to_a_signed_playbook_an_earlier_version_or_a_circle() -> None:
    made = document({"if": choice("__n__:value = 0", "a"), "a": action("ae"), "ae": None}, playbook_variables=VARIABLE)
    for change in ({"signatures": [{"type": "jss"}]}, {"spec_version": "1.1"}, {"type": "keys"}):
        assert fixed({**made, **change}) == ({**made, **change}, [])
    circle = document({"if": choice("__n__:value = 0", "a"), "a": action("if")}, playbook_variables=VARIABLE)
    assert fixed(circle) == (circle, [])


def test_a_good_playbook_stays_as_it_is() -> None:
    made = document({"a": action("e", manual()), "e": None})
    del made["agent_definitions"]
    assert fixed(copy.deepcopy(made)) == (made, [])


@settings(max_examples=USUAL)
@given(playbooks(depth=2), st.integers(0, 2**32))
def test_a_playbook_with_all_these_breaches_runs_after_repair_as_before_them(made: Json, seed: int) -> None:
    broken = copy.deepcopy(made)
    _draw_on(broken, random.Random(seed))
    _share_ends(broken)
    _forget(broken, random.Random(seed))
    repaired, _ = fixed(broken)
    assert [fault for fault in check(repaired) if fault.is_error] == []
    for chance in range(3):
        assert _titles(made, chance) == _titles(repaired, chance)


def _draw_on(made: Json, dice: random.Random) -> None:
    """Connect the branches of some steps to the following step, instead of ending them."""
    workflow = made["workflow"]
    for step in reversed(list(workflow.values())):  # the outer ones before those in their branches
        after = step.get("on_completion")
        heads = [name for name in ("on_true", "on_false") if name in step]
        is_fork = step["type"] in ("if-condition", "parallel", "switch-condition") and "timeout" not in step
        if not is_fork or workflow.get(after, {"type": "end"})["type"] == "end" or dice.random() < 0.3:
            continue
        if step["type"] == "if-condition":
            step.setdefault("on_false", after)
            for name in heads:
                step[name] = _drawn(workflow, step[name], after)
        elif step["type"] == "parallel":
            step["next_steps"] = [_drawn(workflow, one, after) for one in step["next_steps"]]
        elif len(step["cases"]) > 1:
            step["cases"] = {label: _drawn(workflow, one, after) for label, one in step["cases"].items()}
        else:
            continue
        del step["on_completion"]


def _drawn(workflow: Json, head: str, after: str) -> str:
    """Let a line lead on to a step where it ended, and return its first step."""
    if workflow[head]["type"] == "end":
        return after
    waiting, seen = [head], {after}
    while waiting:
        key = waiting.pop()
        seen.add(key)
        if workflow[key]["type"] in BRANCHING_STEPS and not {"on_completion", "on_success"} & workflow[key].keys():
            workflow[key]["on_completion"] = after
        for name in ("on_completion", "on_success", "on_failure"):
            target = workflow[key].get(name)
            if target is not None and target not in seen and workflow[target]["type"] == "end":
                workflow[key][name] = after
            elif target is not None and target not in seen:
                waiting.append(target)
    return head


def _share_ends(made: Json) -> None:
    """Let all lines end in one step, as if they were drawn in a picture."""
    ends = [key for key, step in made["workflow"].items() if step["type"] == "end"]
    renamed = dict.fromkeys(ends, ends[0])
    for key in ends[1:]:
        del made["workflow"][key]
    for step in made["workflow"].values():
        for name in ("on_completion", "on_success", "on_failure", "on_true", "on_false"):
            if name in step:
                step[name] = renamed.get(step[name], step[name])
        if "cases" in step:
            step["cases"] = {label: renamed.get(one, one) for label, one in step["cases"].items()}
        if "next_steps" in step:
            step["next_steps"] = [renamed.get(one, one) for one in step["next_steps"]]
    if made.get("workflow_exception") in renamed:
        made["workflow_exception"] = ends[0]


def _forget(made: Json, dice: random.Random) -> None:
    """Forget agents, and on_completion of branching steps that only led to an end."""
    for step in made["workflow"].values():
        leads_to = made["workflow"].get(step.get("on_completion"), {})
        if step["type"] in BRANCHING_STEPS and leads_to.get("type") == "end" and dice.random() < 0.5:
            del step["on_completion"]
        if step.get("agent") == PEOPLE_AGENT and dice.random() < 0.5:
            del step["agent"]


def _titles(made: Json, seed: int) -> list[str]:
    play = simulate(PlaybookBundle(parse(made)), Answers(), PROFILE, random.Random(seed))
    return [f"{entry.title} {entry.text}" for entry in play.entries if isinstance(entry, WorkRequested)]


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.text(max_size=5)
    | st.sampled_from([PEOPLE_AGENT, "end", "action"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=USUAL)
@given(playbooks(depth=1), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), junk), max_size=4))
def test_no_document_makes_the_repair_raise(made: Json, changes: list[tuple[int, int, Any]]) -> None:
    for at, name, value in changes:
        holders = [made, *(one for one in made.get("workflow", {}).values() if isinstance(one, dict))]
        holder = holders[at % len(holders)]
        names = [*holder, "agent"]
        holder[names[name % len(names)]] = value
        if not isinstance(made.get("workflow"), dict):
            break
    fixed(made)
