"""Export of the journal: the next entries to send, and the position of each collector."""

import datetime as dt
import json
from typing import Final

from incident.actions.unit_of_work import transaction
from incident.core.journal.log_export import Exported
from incident.core.values.access import Viewer
from incident.store.db.database import advisory_lock, db
from incident.store.journal import exports
from incident.store.queries import red_runs
from incident.store.queries.reports_about_units import barred_subjects

BY = "export"

NOBODY: Final = Viewer("reader")
"""Who reads a collector is not known here."""

LEASE = dt.timedelta(seconds=15)
"""How long a sending process has the exclusive right; after it another takes over, in case it has died."""


def take_turn(collector: str, by: str, now: dt.datetime) -> int | None:
    """Return the position from which a process sends, None while another one sends.

    Args:
        collector: the key of the position.
        by: the process.
        now: when (UTC).
    """
    with transaction(BY, now):
        advisory_lock("journal.export")
        if not _is_ours(collector, by, now):
            return None
        position = exports.position(collector)
        exports.put_position(collector, position, by, now + LEASE)
        return position


def advance(collector: str, seq: int, by: str, now: dt.datetime) -> bool:
    """Record that a collector has everything up to an entry; return False when another process sends by now."""
    with transaction(BY, now):
        advisory_lock("journal.export")
        if not _is_ours(collector, by, now):
            return False
        exports.put_position(collector, seq, by, now + LEASE)
        return True


def _is_ours(collector: str, by: str, now: dt.datetime) -> bool:
    found = exports.export_sender(collector)
    # A lease that ends too far ahead was given before the clock was set back.
    return found is None or found[0] == by or not now < found[1] <= now + LEASE


def entries_after(seq: int, limit: int) -> list[Exported]:
    """Return the next entries to export, in order; whether something of them is closed to a collector is checked now.

    Args:
        seq: of the last exported entry.
        limit: the maximum number.
    """
    try:
        found = exports.entries_after(seq, limit)
        red = exports.red_among({one.incident for one in found if one.incident is not None})
        subjects = {one.subject for one in found}
        red_subjects, withheld = red_runs.audiences(subjects), barred_subjects(NOBODY, subjects)
        return [
            Exported(
                seq=one.seq,
                at=one.at,
                actor=one.actor,
                event_type=one.event_type,
                incident=one.incident,
                subject=one.subject,
                hash=one.hash,
                is_red=one.incident in red or one.subject in red_subjects,
                is_withheld=one.subject in withheld,
                detail=json.loads(one.detail),
            )
            for one in found
        ]
    finally:
        db.session.remove()
