"""Replay of a run from its journal entries, and its differences from the stored run."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incident.actions.playbooks import playbook_loader, runs
from incident.core.cacao import differences, replay
from incident.core.cacao.engine.events import Event, event_from_json
from incident.core.cacao.engine.replaying import Difference
from incident.core.cacao.engine.run import Run as Engine
from incident.core.cacao.engine.run_builder import Transition
from incident.store.db.database import begin_snapshot, db
from incident.store.journal import journal
from incident.store.playbooks.runs import Run


@dataclass(frozen=True)
class Replayed:
    """A replay: start of the run and time of each event (UTC), the turn of each, and the differences.

    In a drill the turns have moments on its own faster clock.
    """

    moments: Sequence[dt.datetime]
    causes: Sequence[dict[str, Any]]
    turns: Sequence[Transition]
    differences: Sequence[Difference]


def replay_run(run_id: int) -> Replayed | None:
    """Replay a run from its entries in the journal; None when there is no such run.

    Raises:
        VersionGone: when a playbook version that it is pinned to is not in the database.
    """
    begin_snapshot()
    run = db.session.get(Run, run_id)
    if run is None:
        return None
    incident = runs.incident_of(run)
    pace = incident.pace
    entries = journal.turns_of(incident.number, run.id)
    causes = [json.loads(entry.detail)["cause"] for entry in entries]
    events: list[tuple[Event, dt.datetime]] = [
        (event_from_json(cause), pace.to_drill(entry.at)) for cause, entry in zip(causes[1:], entries[1:], strict=True)
    ]
    bundle, profile = playbook_loader.pinned(run.pins), runs.profile_of(run)
    turns = replay(bundle, causes[0]["values"], pace.to_drill(entries[0].at), events, profile)
    found = differences(Engine.from_json(run.document), turns[-1].run)
    return Replayed([entry.at for entry in entries], causes, turns, found)
