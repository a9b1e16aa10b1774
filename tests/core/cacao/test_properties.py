"""The properties that every playbook and every run must have, on playbooks that Hypothesis makes up."""

from __future__ import annotations

import random
from typing import Any

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.cacao import check, differences, export, load, parse, replay, to_json_text, to_yaml_text
from incident.core.cacao.engine.events import (
    Cancelled,
    CommandEnded,
    Event,
    Outcome,
    Overridden,
    Paused,
    Resumed,
    Retried,
    TimerPassed,
)
from incident.core.cacao.engine.run import LIVE_STEP
from tests.core.cacao.build import NOW
from tests.core.cacao.generated import families, playbooks, split_playbooks
from tests.core.cacao.world import World

Json = dict[str, Any]
USUAL = settings.default.max_examples if settings.default else 100  # HYPOTHESIS_PROFILE=thorough: thousands


def _anything(world: World, dice: random.Random) -> Event:
    """Choose something that can happen, or that people may do, or that is stale or foreign."""
    choices = world.choices()
    steps = sorted(world.states)
    chance = dice.random()
    if choices and chance < 0.75:
        return dice.choice(choices)
    if world.history and chance < 0.8:
        return dice.choice(world.history)[0]
    step = dice.choice(steps)
    # A wish without a visit counts each time that it fits: a retry that fails at once may be asked for again.
    visit = world.run.steps[step].visit if step in world.run.steps else 1
    others: list[Event] = [
        Paused("wait"),
        Resumed(),
        Resumed(),
        Retried(step, "again", visit),
        Overridden(step, dice.choice(["succeeded", "failed"]), {}, "by hand", visit),
        CommandEnded(step, 1, 0, "succeeded"),
        TimerPassed("timeout", step, 99),
        CommandEnded("nowhere", 1, 0, "failed"),
    ]
    return dice.choice([*others, Cancelled("enough")] if chance > 0.99 else others)


def _lived(family: tuple[Json, Json], seed: int, events: int = 40) -> World:
    world = World(*family)
    dice = random.Random(seed)
    for _ in range(events):
        if world.run.is_finished:
            break
        world.happen(_anything(world, dice))
        _holds(world)
    return world


def _holds(world: World) -> None:
    """Property 2, and that what was told agrees with the run."""
    run = world.run
    if run.is_finished:
        assert not world.open
        assert not world.timers
        assert not any(record.state in LIVE_STEP for record in run.steps.values())
    elif run.state == "paused":
        assert not world.timers
    else:
        assert world.open or world.timers or run.held
        assert world.timers == dict(run.timers)
    assert {key: record.state for key, record in run.steps.items()} == world.states
    assert world.told[-1] == run.state


@settings(max_examples=2 * USUAL)
@given(families(), st.integers(0, 2**32))
def test_replaying_the_events_gives_the_same_run_and_the_same_effects(family: tuple[Json, Json], seed: int) -> None:
    world = _lived(family, seed)
    turns = replay(world.bundle, {}, NOW, world.history, world.profile)
    assert turns == world.turns
    assert not differences(world.run, turns[-1].run)


@settings(max_examples=2 * USUAL)
@given(families(), st.integers(0, 2**32))
def test_a_live_run_always_waits_on_something_that_can_happen(family: tuple[Json, Json], seed: int) -> None:
    _lived(family, seed, events=80)


@settings(max_examples=USUAL)
@given(families(), st.integers(0, 2**32))
def test_a_run_that_is_taken_up_again_lives_by_the_same_rules(family: tuple[Json, Json], seed: int) -> None:
    world = World(*family)
    dice = random.Random(seed)
    for _ in range(4):
        world.to_the_end(lambda choices: dice.choice([one for one in choices if _is_way(one, "failed")] or choices))
        failed = [key for key, record in world.run.steps.items() if record.state in ("failed", "timed_out")]
        if not failed:
            break
        step = dice.choice(failed)
        ways: list[Retried | Overridden] = [Retried(step, "again"), Overridden(step, "succeeded", {}, "by hand")]
        world.take_up(dice.choice(ways))
        _holds(world)
    assert replay(world.bundle, {}, NOW, world.history, world.profile) == world.turns


@settings(max_examples=USUAL)
@given(families(), st.integers(0, 2**32))
def test_a_finished_run_ignores_every_event(family: tuple[Json, Json], seed: int) -> None:
    world = World(*family)
    dice = random.Random(seed)
    world.to_the_end(dice.choice)
    steps = sorted(world.run.steps)
    more: list[Event] = [Paused(), Resumed(), Cancelled(), *(Retried(step) for step in steps)]
    more += [Overridden(step, "succeeded") for step in steps]
    for event in [*(event for event, _ in world.history), *more]:
        before = world.run
        turn = world.happen(event)
        assert turn.run == before
        assert turn.effects == ()


@settings(max_examples=2 * USUAL)
@given(families(), st.integers(0, 2**32))
def test_an_event_delivered_twice_moves_the_run_at_most_once(family: tuple[Json, Json], seed: int) -> None:
    world = World(*family)
    dice = random.Random(seed)
    for _ in range(40):
        if world.run.is_finished:
            break
        world.happen(_anything(world, dice))
        for again in [world.history[-1][0], *(event for event, _ in world.history[:5])]:
            if again is not world.history[-1][0] and not isinstance(again, (CommandEnded, TimerPassed)):
                continue
            before = world.run
            if world.happen(again).effects:
                # Only a timer or command that is open in this very moment may still move it.
                assert isinstance(again, (CommandEnded, TimerPassed))
                assert _is_awaited(before, again)
            world.history.pop()


def _is_awaited(run: Any, event: CommandEnded | TimerPassed) -> bool:
    record = run.steps[event.step]
    return bool(record.is_live and record.visit == event.visit)


@settings(max_examples=USUAL * 3 // 2)
@given(families(), st.sampled_from(["succeeded", "failed", "timeout", "mixed"]), st.integers(0, 2**32))
def test_every_checked_playbook_reaches_an_end(family: tuple[Json, Json], way: str, seed: int) -> None:
    assert not [fault for fault in check(family[0]) if fault.is_error]
    world = World(*family)
    dice = random.Random(seed)

    def choose(choices: list[Event]) -> Event:
        fitting = [event for event in choices if _is_way(event, way)]
        return dice.choice(fitting or choices)

    world.to_the_end(choose)
    _holds(world)
    assert world.run.state in ("succeeded", "failed")


def _is_way(event: Event, way: str) -> bool:
    if isinstance(event, TimerPassed):
        return way == "timeout" or event.kind == "delay"
    return isinstance(event, CommandEnded) and event.outcome == way


@settings(max_examples=USUAL * 3 // 2)
@given(split_playbooks(), st.integers(0, 2**32), st.integers(0, 2**32))
def test_the_order_in_which_branches_finish_does_not_change_the_variables(made: Json, one: int, other: int) -> None:
    worlds = [World(made), World(made)]
    for world, seed in zip(worlds, (one, other), strict=True):
        dice = random.Random(seed)
        while not world.run.is_finished:
            pending = [*world.open.values(), *(TimerPassed(*key) for key in world.timers if key[0] == "delay")]
            chosen = dice.choice(pending)
            if isinstance(chosen, TimerPassed):
                world.happen(chosen)
                continue
            fixed = random.Random(f"{chosen.step}/{chosen.visit}/{chosen.command}")
            outcome: Outcome = "failed" if fixed.random() < 0.2 else "succeeded"
            results = {name: str(fixed.randrange(4)) for name in chosen.out_variables}
            world.happen(CommandEnded(chosen.step, chosen.visit, chosen.command, outcome, results))
    assert worlds[0].run.variables == worlds[1].run.variables
    assert worlds[0].run.state == worlds[1].run.state


@settings(max_examples=USUAL)
@given(playbooks())
def test_export_after_import_gives_the_same_canonical_form(made: Json) -> None:
    for text in (to_json_text(made), to_yaml_text(made)):
        taken_in = parse(load(text))
        assert rfc8785.dumps(export(taken_in, is_verbatim=True)) == rfc8785.dumps(made)
        leaving = export(taken_in)
        assert export(parse(load(to_json_text(leaving)))) == leaving
        for added in ("playbook_processing_summary", "playbook_extensions", "extension_definitions"):
            leaving[added] = made.get(added)
        assert {name: value for name, value in leaving.items() if value is not None} == made
