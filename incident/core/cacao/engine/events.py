"""What can happen to a run; an event that answers a step names the visit of the step that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from incident.core.cacao.values import Json, Value

Outcome = Literal["succeeded", "failed"]
TimerKind = Literal["delay", "timeout"]


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """A command of a step has ended, by a machine or by people.

    `command` is the index of the command in the step, from 0; `variables` are the results by name (`__name__`);
    `exit` is what the executor tells about the end (a status, a detail), kept for the journal only.
    """

    step: str
    visit: int
    command: int
    outcome: Outcome
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
    """Somebody holds the run: what has begun may end, nothing new begins (P9)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody lets the run go on; each timer has what was left of it (P9)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody ends the run before its end."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """Somebody has a failed step done again; it is entered with a new visit.

    `visit`, when given, names the failed visit that is meant, so that the same wish told twice counts once.
    """

    step: str
    reason: str = ""
    visit: int | None = None


@dataclass(frozen=True, slots=True)
class Overridden:
    """Somebody decides how a step that lives or has failed is to count, and with which results.

    `visit`, when given, names the visit that is meant.
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
    """Write an event as plain JSON, with its kind under `event`."""
    return {"event": _NAMES[type(event)], **asdict(event)}


def event_from_json(data: Mapping[str, Any]) -> Event:
    """Read back what `event_to_json` wrote; raises KeyError or TypeError on anything else."""
    fields = dict(data)
    return _KINDS[fields.pop("event")](**fields)
