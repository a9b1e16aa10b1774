"""Events of a run; an event that answers a step names the visit of that step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from incident.core.cacao.values import Json, Value

Outcome = Literal["succeeded", "failed"]
CommandOutcome = Literal["succeeded", "failed", "not_applicable"]
TimerKind = Literal["delay", "timeout"]


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """A command of a step has ended, by a machine or by people.

    `command` is the index of the command in the step, from 0; `variables` are the results by name (`__name__`); `exit`
    is the executor's report of the end (a status, a detail), stored for the journal only. `not_applicable` ends only a
    step that a filing ends (P19).
    """

    step: str
    visit: int
    command: int
    outcome: CommandOutcome
    variables: Mapping[str, Value] = field(default_factory=dict)
    exit: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimerPassed:
    """A timer that the engine had set came due."""

    kind: TimerKind
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class Paused:
    """Somebody pauses the run: started work may end, no new work starts (P9)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody resumes the run; each timer has its remaining time (P9)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody ends the run before its end."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """Somebody retries a failed step; it is entered with a new visit.

    `visit`, when given, names the failed visit, so that a repeated request counts once.
    """

    step: str
    reason: str = ""
    visit: int | None = None


@dataclass(frozen=True, slots=True)
class Overridden:
    """Somebody sets the outcome of a step that is live or has failed, and its results.

    `visit`, when given, names the visit.
    """

    step: str
    outcome: Outcome
    variables: Mapping[str, Value] = field(default_factory=dict)
    reason: str = ""
    visit: int | None = None


Event = CommandEnded | TimerPassed | Paused | Resumed | Cancelled | Retried | Overridden

_KINDS: dict[str, type[Event]] = {
    "command_ended": CommandEnded,
    "timer_passed": TimerPassed,
    "paused": Paused,
    "resumed": Resumed,
    "cancelled": Cancelled,
    "retried": Retried,
    "overridden": Overridden,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def event_to_json(event: Event) -> Json:
    """Return an event as plain JSON, with its kind under `event`."""
    return {"event": _NAMES[type(event)], **asdict(event)}


def event_from_json(data: Mapping[str, Any]) -> Event:
    """Read back what `event_to_json` wrote; raises KeyError or TypeError on anything else."""
    fields = dict(data)
    return _KINDS[fields.pop("event")](**fields)
