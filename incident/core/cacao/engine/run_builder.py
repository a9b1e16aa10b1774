"""The run during a turn of the engine: a private copy, changed in place and frozen at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incident.core.cacao.engine.effects import (
    CancelCommand,
    CancelTask,
    CancelTimer,
    Effect,
    RunChanged,
    SetTimer,
    StepChanged,
)
from incident.core.cacao.engine.events import CommandEnded, Event
from incident.core.cacao.engine.run import LIVE_RUN, Run, RunState, Scope, StepRecord, StepState, TimerKey
from incident.core.cacao.model import Playbook, PlaybookBundle, Profile, Step
from incident.core.cacao.values import Value

# More steps than this in one turn means nested loops that never wait.
LARGEST_TURN = 50_000

MAIN = ""
HANDLER = "!"


@dataclass(frozen=True, slots=True)
class Transition:
    """Result of one event: the run after it, and its effects. An ignored event gives the same run."""

    run: Run
    effects: tuple[Effect, ...]


class RunBuilder:
    """The state of one turn; its rules are in `entering`, `ending`, `reviving` and `ordering`."""

    def __init__(self, bundle: PlaybookBundle, profile: Profile, run: Run, now: datetime) -> None:
        self.bundle = bundle
        self.profile = profile
        self.before = run
        self.now = now
        self.state: RunState = run.state
        self.reason = run.reason
        self.is_handled = run.is_handled
        self.ended_at = run.ended_at
        self.paused_at = run.paused_at
        self.held: tuple[Event, ...] = run.held
        self.steps: dict[str, StepRecord] = dict(run.steps)
        self.scopes: dict[str, Scope] = dict(run.scopes)
        self.values: dict[str, Mapping[str, Value]] = dict(run.values)
        self.calls: dict[str, str] = dict(run.calls)
        self.timers: dict[TimerKey, datetime] = dict(run.timers)
        self.in_flight: set[str] = set(run.in_flight)
        self.answered = {(one.step, one.visit, one.command) for one in run.held if isinstance(one, CommandEnded)}
        self.effects: list[Effect] = []
        self.agenda: list[tuple[str, tuple[Any, ...]]] = []
        self.is_endless = False
        self.is_new = False
        self.passed: TimerKey | None = None

    def playbook(self, prefix: str) -> Playbook:
        """Return the playbook whose steps have a prefix."""
        return self.bundle.playbook(self.calls[prefix] if prefix else "")

    def step(self, key: str) -> Step:
        """Return the step of a key."""
        prefix, slash, step_id = key.rpartition("/")
        return self.playbook(prefix + slash).steps[step_id]

    def later(self, rule: str, *args: Any) -> None:
        """Apply a rule after the current one, so that a long chain uses no stack; the latest comes first."""
        self.agenda.append((rule, args))

    def settle(self, rules: Mapping[str, Callable[..., None]]) -> None:
        """Apply the queued rules until none is left; `is_endless` says when that would never happen."""
        for _ in range(LARGEST_TURN):
            if not self.agenda:
                return
            rule, args = self.agenda.pop()
            rules[rule](self, *args)
        self.agenda.clear()
        self.is_endless = True

    def emit(self, effect: Effect) -> None:
        """Add an effect."""
        self.effects.append(effect)

    def change(self, key: str, state: StepState, reason: str = "", **fields: Any) -> None:
        """Change the state of a step, and add the effect."""
        record = self.steps[key]
        self.steps[key] = replace(record, state=state, reason=reason, **fields)
        if record.state != state:
            self.emit(StepChanged(key, record.visit, record.state, state, reason))

    def amend(self, key: str, **fields: Any) -> StepRecord:
        """Change the fields of a step, except its state."""
        self.steps[key] = replace(self.steps[key], **fields)
        return self.steps[key]

    def amend_scope(self, key: str, **fields: Any) -> Scope:
        """Change the fields of a scope."""
        self.scopes[key] = replace(self.scopes[key], **fields)
        return self.scopes[key]

    def drop_timers(self, key: str) -> None:
        """Remove the timers of the latest visit of a step."""
        visit = self.steps[key].visit
        self.timers.pop(("delay", key, visit), None)
        self.timers.pop(("timeout", key, visit), None)

    def drop_command(self, key: str) -> None:
        """Cancel the command of a live action, unless it has ended during the pause."""
        record = self.steps[key]
        if record.state == "scheduled" or self.step(key).type != "action":
            return
        is_machine = key in self.in_flight
        self.in_flight.discard(key)
        if (key, record.visit, record.command) not in self.answered:
            cancel = CancelCommand if is_machine else CancelTask
            self.emit(cancel(key, record.visit, record.command))

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.state not in LIVE_RUN

    def live_state(self) -> RunState:
        """Return the state of a run that goes on: waiting for machines (running), for its first step, or for others."""
        if self.in_flight:
            return "running"
        main = self.scopes.get(MAIN)
        at = self.steps.get(main.current) if main and main.current else None
        is_first = at is not None and at.state == "scheduled" and at.step_id == self.bundle.main.start
        return "scheduled" if is_first else "waiting"

    def finish(self, state: RunState, reason: str) -> None:
        """End the run; only a failed one keeps its scopes, so that it can be resumed."""
        self.state, self.reason, self.ended_at = state, reason, self.now
        self.paused_at, self.held = None, ()
        self.timers.clear()
        if state != "failed":
            self.scopes.clear()
            self.values = {MAIN: self.values[MAIN]}

    def turn(self) -> Transition:
        """Freeze the run and return it with its effects."""
        if self.state in LIVE_RUN and self.state != "paused":
            self.state = self.live_state()
        self._tell_timers()
        if self.is_new:
            self.effects.insert(0, RunChanged(None, self.state, self.reason))
        elif self.state != self.before.state:
            self.emit(RunChanged(self.before.state, self.state, self.reason))
        return Transition(self._frozen(), tuple(self.effects))

    def _tell_timers(self) -> None:
        """Add effects for changed timers only: a timer set and cancelled within one turn leaves no trace."""
        old: Mapping[TimerKey, datetime] = {} if self.before.paused_at else self.before.timers
        new: Mapping[TimerKey, datetime] = {} if self.paused_at else self.timers
        for key in old:
            if key not in new and key != self.passed:
                self.emit(CancelTimer(*key))
        for key, due_at in new.items():
            if old.get(key) != due_at:
                self.emit(SetTimer(*key, due_at))

    def _frozen(self) -> Run:
        return Run(
            state=self.state,
            bundle_hash=self.before.bundle_hash,
            started_at=self.before.started_at,
            ended_at=self.ended_at,
            reason=self.reason,
            is_handled=self.is_handled,
            paused_at=self.paused_at,
            steps=self.steps,
            scopes=self.scopes,
            values=self.values,
            calls=self.calls,
            timers=self.timers,
            in_flight=frozenset(self.in_flight),
            held=self.held,
        )
