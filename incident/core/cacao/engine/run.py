"""One execution of a playbook, as a frozen value that can be serialized and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from incident.core.cacao.engine.events import Event, TimerKind, event_from_json, event_to_json
from incident.core.cacao.values import Json, Value

RunState = Literal["scheduled", "running", "waiting", "paused", "succeeded", "failed", "cancelled"]
StepState = Literal[
    "scheduled",
    "waiting",
    "running",
    "succeeded",
    "failed",
    "timed_out",
    "skipped",
    "overridden",
    "cancelled",
    "not_applicable",
]

LIVE_RUN: frozenset[str] = frozenset({"scheduled", "running", "waiting", "paused"})
LIVE_STEP: frozenset[str] = frozenset({"scheduled", "waiting", "running"})

TimerKey = tuple[TimerKind, str, int]
FORMAT = 1


@dataclass(frozen=True, slots=True)
class StepRecord:
    """The latest visit of one step of a run.

    `key` is the step's id, behind the keys of the playbook-action steps that led to it (`outer/inner`); `scope` is the
    key of the branch that contains it; `command` the index of the current command; `rounds` how many rounds a while
    step has begun; `left` how many branches of a parallel step have not ended; `has_failed` whether one of them failed;
    `tries` how often the step extension for retries has entered it again; `reason` a code, or a person's text.
    """

    key: str
    visit: int
    state: StepState
    scope: str
    started_at: datetime
    ended_at: datetime | None = None
    due_at: datetime | None = None
    command: int = 0
    rounds: int = 0
    left: int = 0
    has_failed: bool = False
    tries: int = 0
    reason: str = ""

    @property
    def step_id(self) -> str:
        """Return the id of the step in its own playbook."""
        return self.key.rpartition("/")[2]

    @property
    def is_live(self) -> bool:
        """Whether the step has been entered and has not ended."""
        return self.state in LIVE_STEP


@dataclass(frozen=True, slots=True)
class Scope:
    """A sequence of steps: the main line, a branch of a step, a called playbook, or a handler.

    `prefix` is put before the ids of its steps; `parent` is the scope of its opener, when they share variables;
    `current` the key of its present step; `outcome` how it ended; `variables` what its steps have declared: name to
    (key of the declaring step, value).
    """

    key: str
    opened_at: datetime
    prefix: str = ""
    parent: str | None = None
    opener: str | None = None
    current: str | None = None
    outcome: str | None = None
    variables: Mapping[str, tuple[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """The whole state of one execution; the playbook is not in it, it is pinned by `bundle_hash` (P11).

    `values` has the playbook variables: of the main playbook under "", of a called one under its prefix; `calls` the
    playbook that each prefix runs; `timers` the pending timers, by kind, step key and visit; `in_flight` the step keys
    whose command a machine is executing; `held` the events accepted during a pause; `is_handled` says of a failed run
    that its workflow_exception ran to its end (P2).
    """

    state: RunState
    bundle_hash: str
    started_at: datetime
    ended_at: datetime | None = None
    reason: str = ""
    is_handled: bool = False
    paused_at: datetime | None = None
    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    calls: Mapping[str, str] = field(default_factory=dict)
    timers: Mapping[TimerKey, datetime] = field(default_factory=dict)
    in_flight: frozenset[str] = frozenset()
    held: tuple[Event, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended, in any state."""
        return self.state not in LIVE_RUN

    @property
    def variables(self) -> Mapping[str, Value]:
        """Return the variables of the main playbook by name."""
        return self.values.get("", {})

    def to_json(self) -> Json:
        """Return the run as plain JSON."""
        return {
            "format": FORMAT,
            "state": self.state,
            "bundle": self.bundle_hash,
            "started_at": self.started_at.isoformat(),
            "ended_at": _written(self.ended_at),
            "reason": self.reason,
            "is_handled": self.is_handled,
            "paused_at": _written(self.paused_at),
            "steps": {key: _step_to_json(record) for key, record in self.steps.items()},
            "scopes": {key: _scope_to_json(scope) for key, scope in self.scopes.items()},
            "values": {prefix: dict(values) for prefix, values in self.values.items()},
            "calls": dict(self.calls),
            "timers": [[*key, due_at.isoformat()] for key, due_at in self.timers.items()],
            "in_flight": sorted(self.in_flight),
            "held": [event_to_json(event) for event in self.held],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Run:
        """Read back what `to_json` wrote; raises ValueError on another format, KeyError on anything missing."""
        if data["format"] != FORMAT:
            raise ValueError(f"a run of format {data['format']} cannot be read")
        return cls(
            state=data["state"],
            bundle_hash=data["bundle"],
            started_at=datetime.fromisoformat(data["started_at"]),
            ended_at=_read(data["ended_at"]),
            reason=data["reason"],
            is_handled=data["is_handled"],
            paused_at=_read(data["paused_at"]),
            steps={key: _step_from_json(key, written) for key, written in data["steps"].items()},
            scopes={key: _scope_from_json(key, written) for key, written in data["scopes"].items()},
            values={prefix: dict(values) for prefix, values in data["values"].items()},
            calls=dict(data["calls"]),
            timers={(kind, step, visit): datetime.fromisoformat(due) for kind, step, visit, due in data["timers"]},
            in_flight=frozenset(data["in_flight"]),
            held=tuple(event_from_json(event) for event in data["held"]),
        )


def left_of(run: Run, now: datetime) -> Mapping[TimerKey, timedelta]:
    """Return the remaining time of each timer, counted from the pause while the run is paused (P9)."""
    moment = run.paused_at or now
    return {key: due_at - moment for key, due_at in run.timers.items()}


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_DEFAULTS = (0, 0, 0, False, 0, "")


def _step_to_json(record: StepRecord) -> list[Any]:
    """Return a step as a short list, as runs have many: visit, state, scope, three moments, unusual fields."""
    ended_at, due_at = record.ended_at, record.due_at
    rest = (record.command, record.rounds, record.left, record.has_failed, record.tries, record.reason)
    return [
        record.visit,
        record.state,
        record.scope,
        record.started_at.isoformat(),
        ended_at.isoformat() if ended_at else None,
        due_at.isoformat() if due_at else None,
        *(() if rest == _DEFAULTS else rest),
    ]


def _step_from_json(key: str, data: list[Any]) -> StepRecord:
    visit, state, scope, started_at, ended_at, due_at, *rest = data
    began = datetime.fromisoformat(started_at)
    return StepRecord(key, visit, state, scope, began, _read(ended_at), _read(due_at), *rest)


def _scope_to_json(scope: Scope) -> Json:
    names = ("prefix", "parent", "opener", "current", "outcome")
    written: Json = {name: getattr(scope, name) for name in names if getattr(scope, name) not in (None, "")}
    written["opened_at"] = scope.opened_at.isoformat()
    if scope.parent == "":
        written["parent"] = ""
    if scope.variables:
        written["variables"] = {name: list(held) for name, held in scope.variables.items()}
    return written


def _scope_from_json(key: str, data: Mapping[str, Any]) -> Scope:
    fields = dict(data)
    fields["opened_at"] = datetime.fromisoformat(fields["opened_at"])
    if "variables" in fields:
        fields["variables"] = {name: (owner, value) for name, (owner, value) in fields["variables"].items()}
    return Scope(key=key, **fields)
