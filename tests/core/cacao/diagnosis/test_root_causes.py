"""Faults that only follow from another are attached to it."""

from __future__ import annotations

import copy
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.cacao import check, load
from incident.core.cacao.diagnosis.names import named_objects
from incident.core.cacao.diagnosis.root_causes import FaultGroup, group_faults, meant_by
from incident.core.cacao.words import said
from tests.core.cacao.build import action, choice, document, step_id

SHIPPED = Path(__file__).parents[4] / "playbooks" / "ransomware.yaml"
TEXT = SHIPPED.read_text("utf-8")
OTHER = "organization--97b11446-bcf6-4687-9105-3ea0e1d3c431"
CONFIRM = "action--9c09d07c-0803-479e-b196-fd18584336a9"


def groups_of(text: str) -> list[FaultGroup]:
    made = load(text)
    return group_faults(made, check(made))


@pytest.mark.parametrize(
    ("old", "new", "root", "followers"),
    [
        (f"on_completion: {CONFIRM}", f"on_completion: {CONFIRM[:-1]}8", "dangling_step", 45),
        ("type: parallel", "type: paralel", "unknown_step", 36),
        ("  organization--97b11446-bcf6-4687-9105-3ea0e1d3c430:", f"  {OTHER}:", "dangling_reference", 5),
        ("  __is_confirmed__:\n", "  __is_confirmd__:\n", "variable_undeclared", 2),
        ("on_true: action--4941", "on_tru: action--4941", "missing_property", 3),
        (CONFIRM, "action--confirm", "bad_identifier", 1),
        ("cacao-2.0", "cacao-1.1", "earlier_version", 0),
    ],
)
def test_one_slip_of_the_pen_has_one_root_cause(old: str, new: str, root: str, followers: int) -> None:
    first, *others = groups_of(TEXT.replace(old, new))
    assert (first.root.code, len(first.followers)) == (root, followers)
    assert not others


def test_two_slips_have_two_root_causes_and_each_unreachable_step_follows_the_one_that_cut_it_off() -> None:
    made = document(
        {
            "a": choice("__n__:value > 0", "b", on_false="c", on_completion="e"),
            "b": action("be"),
            "be": None,
            "c": action("ce"),
            "ce": None,
            "e": None,
        },
        playbook_variables={"__n__": {"type": "integer", "value": "1"}},
    )
    good = copy.deepcopy(made)
    step = made["workflow"][step_id(made, "a")]
    step["on_true"], step["on_false"] = step["on_true"][:-1], step["on_false"][:-1]
    found = [one for one in group_faults(made, check(made)) if one.root.code == "dangling_step"]
    cut_off = [{fault.args["step"] for fault in one.followers if fault.code == "unreachable_step"} for one in found]
    assert cut_off == [{step_id(good, "b"), step_id(good, "be")}, {step_id(good, "c"), step_id(good, "ce")}]


def test_a_broken_reference_says_which_step_it_most_likely_means() -> None:
    made = load(TEXT.replace(f"on_completion: {CONFIRM}", f"on_completion: {CONFIRM[:-1]}8"))
    [group] = group_faults(made, check(made))
    assert meant_by(made, group.root) == CONFIRM


def test_a_reference_to_nothing_alike_means_no_step() -> None:
    made = document({"a": action("zzzz"), "e": None})
    [fault] = [one for one in check(made) if one.code == "dangling_step"]
    assert meant_by(made, fault) is None


def test_independent_faults_are_roots_each_errors_first() -> None:
    made = document({"a": action("e"), "e": None}, priority=200, modified="2025-01-01T00:00:00.000Z")
    found = group_faults(made, check(made))
    assert [one.root.code for one in found] == ["modified_before_created", "out_of_hundred"]
    assert not any(one.followers for one in found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5))
def test_every_fault_is_a_root_or_follows_one_and_none_is_lost(seed: int, times: int) -> None:
    dice = random.Random(seed)
    made = copy.deepcopy(GOOD)
    for _ in range(times):
        break_something(made, dice)
    faults = check(made)
    groups = group_faults(made, faults)
    told = [fault for one in groups for fault in (one.root, *one.followers)]
    assert Counter(map(repr, told)) == Counter(map(repr, faults))
    assert all(one.root.is_error or not any(fault.is_error for fault in one.followers) for one in groups)
    assert [one.root.is_error for one in groups] == sorted((one.root.is_error for one in groups), reverse=True)


GOOD = load(TEXT)


def break_something(made: Any, dice: random.Random) -> None:
    """Drop, rename or mistype one member of a random object of a document."""
    places = [(holder, key) for holder in objects_of(made) for key in holder]
    holder, key = dice.choice(places)
    match dice.choice(["drop", "rename", "mistype", "misspell"]):
        case "drop":
            del holder[key]
        case "rename":
            holder[f"{key}x"] = holder.pop(key)
        case "mistype":
            holder[key] = dice.choice([None, 1, [], "x", {}])
        case _:
            holder[key] = f"{holder[key]}x" if isinstance(holder[key], str) else "step--1"


def objects_of(made: Any) -> list[dict[str, Any]]:
    found, stack = [], [made]
    while stack:
        one = stack.pop()
        if isinstance(one, dict) and one:
            found.append(one)
        stack.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return found


def test_no_sentence_shows_the_identifier_of_a_step_that_has_a_name() -> None:
    made = load(TEXT.replace("type: parallel", "type: paralel"))
    names = named_objects(made)
    for fault in check(made):
        text = " ".join(said(names.in_fault(fault)))
        assert not [key for key in names.names if key in text], text
    assert names.around(f"/workflow/{CONFIRM}/agent").startswith("Confirm the encryption")
    assert names.around("/modified") == ""


def test_the_largest_playbook_with_a_fault_in_every_step_is_grouped_in_time() -> None:
    made = document({**{f"s{n}": action(f"t{n}") for n in range(900)}, "e": None})
    faults = check(made)
    assert len(faults) > 900
    assert len(group_faults(made, faults)) <= len(faults)
