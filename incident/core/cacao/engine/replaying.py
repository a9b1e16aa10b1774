"""Replay: recomputes a run from its events, and compares two runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incident.core.cacao.engine.engine import Transition, advance, reopen_run, start
from incident.core.cacao.engine.events import Event, Overridden, Retried
from incident.core.cacao.engine.run import Run
from incident.core.cacao.model import PlaybookBundle, Profile


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between a stored run and the replayed one: a part of it, and both values."""

    part: str
    kept: object
    replayed: object


def replay(
    bundle: PlaybookBundle,
    values: Mapping[str, object],
    started_at: datetime,
    events: Iterable[tuple[Event, datetime]],
    profile: Profile,
) -> list[Transition]:
    """Return every turn of a run, its start first, from its values, its events and their moments in UTC.

    A retry or an override after the run has failed resumes it, as `reopen` does.
    """
    turns = [start(bundle, values, started_at, profile)]
    for event, at in events:
        run = turns[-1].run
        if run.state == "failed" and isinstance(event, (Retried, Overridden)):
            turns.append(reopen_run(bundle, run, event, at, profile))
        else:
            turns.append(advance(bundle, run, event, at, profile))
    return turns


def differences(kept: Run, replayed: Run) -> Sequence[Difference]:
    """Return the parts in which two runs differ, each step and variable separately; none when they are equal."""
    stored, recomputed = kept.to_json(), replayed.to_json()
    found: list[Difference] = []
    for part in stored:
        one, other = stored[part], recomputed[part]
        if isinstance(one, dict) and isinstance(other, dict):
            names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
            found += [Difference(f"{part}/{name}", one.get(name), other.get(name)) for name in names]
        elif one != other:
            found.append(Difference(part, one, other))
    return found
