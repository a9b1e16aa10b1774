"""The entries of the journal that make up the chain of custody of an incident's files."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from incident.store.db.database import db
from incident.store.incidents.merges import numbers_around
from incident.store.journal.journal import Entry


class CustodyEntry(NamedTuple):
    """An entry, and the ids of the files that it is about."""

    entry: Entry
    detail: Mapping[str, Any]
    files: frozenset[int]


def custody_of(incident_id: int) -> Sequence[CustodyEntry]:
    """Return the entries about the files of an incident, in order.

    Those of the incidents with which it was merged are among them: files that moved had an earlier part of their
    custody there.
    """
    numbers = numbers_around(incident_id)
    wanted = select(Entry).where(Entry.incident.in_(numbers), Entry.event_type.startswith("evidence.", autoescape=True))
    return [_read(entry) for entry in db.session.scalars(wanted.order_by(Entry.seq))]


def _read(entry: Entry) -> CustodyEntry:
    detail = json.loads(entry.detail)
    kind, _, number = entry.subject.partition(":")
    files = [int(number)] if kind == "evidence" else detail.get("files", [])
    return CustodyEntry(entry, detail, frozenset(files))
