"""A minimal world for the engine: it records what the effects ask for."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from incident.core.cacao import PlaybookBundle, Profile, Run, Transition, advance, parse, reopen_run, start
from incident.core.cacao.engine.effects import (
    CancelCommand,
    CancelTask,
    CancelTimer,
    OpenTask,
    RunChanged,
    SendCommand,
    SetTimer,
    StepChanged,
)
from incident.core.cacao.engine.events import (
    CommandEnded,
    Event,
    Outcome,
    Overridden,
    Resumed,
    Retried,
    TimerPassed,
    event_from_json,
    event_to_json,
)
from tests.core.cacao.build import NOW

PROFILE = Profile(executors=frozenset({"http-api"}), while_rounds=3)


class World:
    """Runs one playbook; `open` has tasks and commands, `timers` set timers, `states` reported states of steps."""

    def __init__(
        self,
        main: dict[str, Any],
        *called: dict[str, Any],
        profile: Profile = PROFILE,
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.bundle = PlaybookBundle(parse(main), {one["id"]: parse(one) for one in called})
        self.profile = profile
        self.now = NOW
        self.open: dict[tuple[str, int, int], OpenTask | SendCommand] = {}
        self.timers: dict[tuple[Any, str, int], dt.datetime] = {}
        self.states: dict[str, str] = {}
        self.notified: list[str] = []
        self.history: list[tuple[Event, dt.datetime]] = []
        self.turns: list[Transition] = []
        asked = {name: (values or {})[name] for name in self.bundle.main.externals if name in (values or {})}
        self._take(start(self.bundle, asked, self.now, profile))

    @property
    def run(self) -> Run:
        return self.turns[-1].run

    def happen(self, event: Event, later: dt.timedelta = dt.timedelta(seconds=1)) -> Transition:
        """Let an event happen, the run and the event having been written down and read back before."""
        self.now += later
        run = Run.from_json(json.loads(json.dumps(self.run.to_json())))
        assert run == self.run
        event = event_from_json(json.loads(json.dumps(event_to_json(event))))
        if isinstance(event, TimerPassed):
            self.timers.pop((event.kind, event.step, event.visit), None)
        if isinstance(event, CommandEnded):
            self.open.pop((event.step, event.visit, event.command), None)
        self.history.append((event, self.now))
        return self._take(advance(self.bundle, run, event, self.now, self.profile))

    def take_up(self, event: Retried | Overridden) -> Transition:
        """Reopen a failed run."""
        self.now += dt.timedelta(seconds=1)
        self.history.append((event, self.now))
        return self._take(reopen_run(self.bundle, self.run, event, self.now, self.profile))

    def _take(self, turn: Transition) -> Transition:
        self.turns.append(turn)
        for effect in turn.effects:
            self._apply(effect)
        return turn

    def _apply(self, effect: Any) -> None:
        if isinstance(effect, (OpenTask, SendCommand)):
            key = (effect.step, effect.visit, effect.command)
            assert key not in self.open
            self.open[key] = effect
        elif isinstance(effect, (CancelTask, CancelCommand)):
            del self.open[effect.step, effect.visit, effect.command]
        elif isinstance(effect, SetTimer):
            self.timers[effect.kind, effect.step, effect.visit] = effect.due_at
        elif isinstance(effect, CancelTimer):
            del self.timers[effect.kind, effect.step, effect.visit]
        elif isinstance(effect, StepChanged):
            assert effect.before in (None, self.states.get(effect.step))
            self.states[effect.step] = effect.after
        elif isinstance(effect, RunChanged):
            self.notified.append(effect.after)

    def choices(self) -> list[Event]:
        """List the possible next events: each open command succeeds or fails, each timer fires."""
        ended: list[Event] = [
            CommandEnded(*key, outcome, _results(one, len(self.turns)))
            for key, one in self.open.items()
            for outcome in _OUTCOMES
        ]
        return ended + [TimerPassed(*key) for key in self.timers]

    def to_the_end(self, choose: Callable[[list[Event]], Event], limit: int = 4000) -> None:
        """Let things happen until the run has ended."""
        for _ in range(limit):
            if self.run.is_finished:
                return
            self.happen(Resumed() if self.run.state == "paused" else choose(self.choices()))
        raise AssertionError("the run does not end")


_OUTCOMES: tuple[Outcome, Outcome] = ("succeeded", "failed")


def _results(one: OpenTask | SendCommand, seed: int) -> Mapping[str, str]:
    found = {"integer": str(seed % 4), "bool": "true", "string": "malware"}
    return {name: found[kind] for name, kind in one.out_variables.items() if kind in found}
