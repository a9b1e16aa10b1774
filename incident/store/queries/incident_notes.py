"""Notes on the incidents of a list, for the snippets of a search."""

import json
from collections.abc import Collection, Mapping

from sqlalchemy import select

from incident.store.db.database import db
from incident.store.journal.journal import Entry

MAX_NOTES = 300
"""Number of newest notes of a page of incidents that are looked through."""


def notes_on(numbers: Collection[str]) -> Mapping[str, list[str]]:
    """Return the newest notes on incidents by number, the newest first."""
    found: dict[str, list[str]] = {number: [] for number in numbers}
    if not numbers:
        return found
    wanted = select(Entry.incident, Entry.detail).where(
        Entry.incident.in_(list(numbers)), Entry.event_type == "incident.noted"
    )
    for number, detail in db.session.execute(wanted.order_by(Entry.seq.desc()).limit(MAX_NOTES)):
        found[str(number)].append(str(json.loads(detail).get("note", "")))
    return found
