"""Entries of the journal that match a filter, newest first.

The journal has few indexes, as each entry would have to be written to all of them. A search looks at a bounded number
of entries and says where to go on.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select

from incident.core.journal.journal_filter import JournalFilter
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry

WINDOW: Final = 100_000
"""Entries that one search looks at."""


@dataclass(frozen=True)
class FoundEntries:
    """The entries found, newest first, and the `seq` below which a further search goes on; None after the first."""

    rows: Sequence[Entry]
    below: int | None


def find_entries(
    wanted: JournalFilter, shown: ColumnElement[bool] | None, below: int | None, limit: int
) -> FoundEntries:
    """Return the newest entries that match a filter.

    Args:
        wanted: the filter.
        shown: the condition on incidents that the viewer may see; None for all.
        below: only entries with a smaller `seq`; None for all.
        limit: the maximum number.
    """
    top = below if below is not None else (db.session.scalar(select(func.max(Entry.seq))) or 0) + 1
    if wanted.until is not None:
        top = min(top, _first_at(wanted.until, top))
    bottom = 1 if wanted.incident else max(1, top - WINDOW)
    query = select(Entry).where(Entry.seq < top, Entry.seq >= bottom, *_conditions(wanted))
    if shown is not None:
        seen = select(Incident.number).where(Incident.number == Entry.incident, shown)
        query = query.where(or_(Entry.incident.is_(None), seen.correlate(Entry).exists()))
    rows = db.session.scalars(query.order_by(Entry.seq.desc()).limit(limit)).all()
    if len(rows) == limit:
        return FoundEntries(rows, rows[-1].seq)
    is_over = bottom == 1 or (wanted.since is not None and _first_at(wanted.since, top) >= bottom)
    return FoundEntries(rows, None if is_over else bottom)


def _conditions(wanted: JournalFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.person_id is not None:
        found.append(Entry.actor.startswith(f"person:{wanted.person_id}:", autoescape=True))
    if wanted.event_type is not None:
        found.append(Entry.event_type == wanted.event_type)
    if wanted.incident is not None:
        found.append(Entry.incident == wanted.incident)
    if wanted.since is not None:
        found.append(Entry.at >= wanted.since)
    if wanted.until is not None:
        found.append(Entry.at < wanted.until)
    return found


def _first_at(moment: dt.datetime, top: int) -> int:
    """Return the `seq` of the first entry at a moment or later, `top` when there is none below it.

    Entries are in the order of their times, but for those after a clock that was set back.
    """
    low, high = 1, top
    while low < high:
        middle = (low + high) // 2
        at = db.session.scalar(select(Entry.at).where(Entry.seq >= middle).order_by(Entry.seq).limit(1))
        if at is None or at >= moment:
            high = middle
        else:
            low = middle + 1
    return low
