"""Mutated playbooks get a verdict, never a traceback; accepted ones run."""

from __future__ import annotations

import contextlib
import copy
import random
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.cacao import StartRefused, check, load, parse, tasks_instead
from incident.core.cacao.words import said
from tests.core.cacao.build import MACHINE
from tests.core.cacao.world import World

USUAL = settings.default.max_examples if settings.default else 100
OURS = Path(__file__).parents[2] / "samples" / "playbooks"
NAMES = ("web-defacement.yaml", "block-address.json", "collect-evidence.json")
GOOD = [load((OURS / name).read_bytes()) for name in NAMES]
OTHERS: list[Any] = [
    *(None, True, 0, -1, 2**53 - 1, 1.5, "", "x", "__x__:value", "__", "\u202e", "start--1"),
    *([], [None], {}, {"": None}, [[]], {"type": 5}, {"type": "action"}),
    *("2026-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
]


def _places(thing: Any) -> list[tuple[Any, Any]]:
    """List every (holder, name or index) of a document."""
    found: list[tuple[Any, Any]] = []
    stack = [thing]
    while stack:
        holder = stack.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, key))
            if isinstance(holder[key], (dict, list)):
                stack.append(holder[key])
    return found


def _mutate(document: Any, dice: random.Random) -> None:
    places = _places(document)
    if not places:
        return
    holder, key = dice.choice(places)
    use_case = dice.choice(["drop", "double", "rename", "retype", "retype", "swap"])
    if use_case == "drop":
        del holder[key]
    elif use_case == "retype":
        holder[key] = copy.deepcopy(dice.choice(OTHERS))
    elif use_case == "swap":
        other, name = dice.choice(places)
        holder[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(holder[key])
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        new = f"{key}x" if use_case == "rename" else dice.choice(places)[1]
        holder[str(new)] = holder.pop(key) if use_case == "rename" else copy.deepcopy(holder[key])


@settings(max_examples=3 * USUAL)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_no_mutation_gives_a_traceback(seed: int, times: int) -> None:
    dice = random.Random(seed)
    document = copy.deepcopy(dice.choice(GOOD))
    for _ in range(times):
        _mutate(document, dice)
    faults = check(document)
    for fault in faults:
        sentence, hint = said(fault)
        assert sentence
        assert "{" not in sentence + hint or "{" in str(fault.args)
    if any(fault.is_error for fault in faults):
        return
    tasks_instead(parse(document), MACHINE)
    with contextlib.suppress(StartRefused):
        World(document, GOOD[2], values=VALUES).to_the_end(dice.choice)


VALUES = {"__site__": "https://x.example", "__address__": "192.0.2.1", "__host__": "web"}
