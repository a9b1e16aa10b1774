"""Exploration of every path of a playbook, compared with runs on the real clock."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings

from incident.core.cacao import PlaybookBundle, parse
from incident.core.cacao.simulation import Answers, PathChoice, PlannedAnswer, RunPath, explore, simulate
from tests.core.cacao.generated import families
from tests.core.cacao.world import PROFILE

Json = dict[str, Any]
USUAL = settings.default.max_examples if settings.default else 100
SEEDS = 8
TEN_YEARS = dt.timedelta(days=3650)
UNHURRIED = replace(PROFILE, while_limit=TEN_YEARS)


def bundle_of(family: tuple[Json, Json]) -> PlaybookBundle:
    main, inner = family
    return PlaybookBundle(parse(main), {inner["id"]: parse(inner)})


@settings(max_examples=USUAL // 2)
@given(families())
def test_a_play_by_chance_reaches_no_end_that_the_exploration_does_not_know(family: tuple[Json, Json]) -> None:
    bundle = bundle_of(family)
    found = explore(bundle, PROFILE, limit=4_000)
    known = {way.end for way in found.paths}
    for seed in range(SEEDS):
        play = simulate(bundle, Answers(is_silent=seed == 0), PROFILE, random.Random(seed))
        assert play.is_cut or play.end.state in ("succeeded", "failed")
        if found.is_whole and not play.is_cut:
            assert play.end in known
            assert {entry.step for entry in play.entries if hasattr(entry, "step")} <= found.entered


@settings(max_examples=USUAL // 2)
@given(families())
def test_a_way_that_was_found_can_be_played(family: tuple[Json, Json]) -> None:
    bundle = bundle_of((unhurried(family[0]), unhurried(family[1])))
    for way in explore(bundle, UNHURRIED, limit=1_000).paths:
        if all(is_playable(bundle, choice) for choice in way.choices):
            play = simulate(bundle, Answers(answers_of(way)), UNHURRIED, random.Random(0))
            assert play.end == way.end


def unhurried(made: Json) -> Json:
    """Remove the time limits of compound steps: whether they pass depends on the clock."""
    for step in made["workflow"].values():
        if step["type"] == "playbook-action":
            step["timeout"] = TEN_YEARS // dt.timedelta(milliseconds=1)
        elif step["type"] != "action":
            step.pop("timeout", None)
    return made


def is_playable(bundle: PlaybookBundle, choice: PathChoice) -> bool:
    """Whether a choice answers a step with one command; enclosing time limits need a clock."""
    if choice.kind == "repeats" or not choice.step.rpartition("/")[2].startswith("action--"):
        return False
    steps = {step.id: step for one in (bundle.main, *bundle.called.values()) for step in one.steps.values()}
    return len(steps[choice.step.rpartition("/")[2]].commands) == 1


def answers_of(way: RunPath) -> dict[str, list[PlannedAnswer]]:
    found: dict[str, list[PlannedAnswer]] = {}
    for choice in way.choices:
        assert choice.kind in ("succeeded", "failed", "timed_out")
        found.setdefault(choice.step, []).append(PlannedAnswer(choice.kind, variables=choice.values))
    return found
