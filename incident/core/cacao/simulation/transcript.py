"""Transcript of a play: every entry at its moment from the start, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from incident.core.cacao.simulation.answers import Source
from incident.core.cacao.simulation.ends import End
from incident.core.cacao.simulation.unanswered import Silence
from incident.core.cacao.values import Json, Value


@dataclass(frozen=True, slots=True)
class WorkRequested:
    """A task for people, or a command for a machine.

    `at` and `due` are durations from the start; `who` are names, empty for the departments of the incident; `kind` is
    the type of the command, `text` its content; `wanted` the variables that it must return, by type; `is_filing` says
    that a filing ends it (P19).
    """

    at: timedelta
    step: str
    visit: int
    title: str
    who: tuple[str, ...]
    is_machine: bool
    kind: str
    text: str
    due: timedelta | None
    wanted: Mapping[str, str]
    silence: Silence
    is_filing: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A task or command was answered; `source` says whether the answer was given before, or drawn."""

    at: timedelta
    step: str
    visit: int
    outcome: str
    values: Mapping[str, Value]
    source: Source


@dataclass(frozen=True, slots=True)
class Decided:
    """A condition or switch was evaluated: the branch ("" when none fits), and the values."""

    at: timedelta
    step: str
    way: str
    by: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Changed:
    """A step changed its state; `reason` is a code."""

    at: timedelta
    step: str
    visit: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Remarked:
    """A note of the engine."""

    at: timedelta
    code: str
    args: Mapping[str, Any]


Entry = WorkRequested | Answered | Decided | Changed | Remarked
WORDS: Mapping[type[Entry], str] = {
    WorkRequested: "asked",
    Answered: "answered",
    Decided: "decided",
    Changed: "changed",
    Remarked: "noted",
}


@dataclass(frozen=True, slots=True)
class Transcript:
    """One play from start to end.

    `end` says how it ended, and where and why it failed; `values` are the variables then; `start_values` those at the
    start; `is_cut` that it was stopped because it would not end in time.
    """

    entries: Sequence[Entry]
    end: End
    lasted: timedelta
    values: Mapping[str, Value]
    start_values: Mapping[str, Value] = field(default_factory=dict)
    is_cut: bool = False


def entry_to_json(entry: Entry) -> Json:
    """Return an entry as plain JSON, with its kind under `entry`; durations become seconds."""
    written: Json = {"entry": WORDS[type(entry)]}
    for part in fields(entry):
        written[part.name] = _plain(getattr(entry, part.name))
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Silence):
        return {"lead": value.lead, "step": value.step}
    return list(value) if isinstance(value, tuple) else value
