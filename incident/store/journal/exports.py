"""Progress of the journal export to each log collector, and the process that sends."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.operations.instance import instance_setting, put_instance_setting

SETTING = "export"
RED = "red"


def position(collector: str) -> int:
    """Return the `seq` of the last entry that a collector has received; 0 when it has none."""
    return int(_state(collector).get("seq", 0))


def export_sender(collector: str) -> tuple[str, dt.datetime] | None:
    """Return the process that sends to a collector, and until when it has the exclusive right."""
    state = _state(collector)
    try:
        return str(state["by"]), parse_moment(state["until"])
    except (KeyError, RuleError):
        return None


def put_position(collector: str, seq: int, by: str, until: dt.datetime) -> None:
    """Store the position of a collector, its sender, and until when (UTC) the sender has the exclusive right."""
    kept = dict(instance_setting(SETTING) or {})
    kept[collector] = {"seq": seq, "by": by, "until": format_moment(until)}
    put_instance_setting(SETTING, kept)


def waits_since(collector: str) -> dt.datetime | None:
    """Return when the oldest entry was written that a collector has not received; None when it has all."""
    wanted = select(Entry.at).where(Entry.seq > position(collector))
    return db.session.scalar(wanted.order_by(Entry.seq).limit(1))


def _state(collector: str) -> dict[str, Any]:
    found: dict[str, Any] = (instance_setting(SETTING) or {}).get(collector) or {}
    return found


def entries_after(seq: int, limit: int) -> Sequence[Entry]:
    """Return entries after a `seq`, in order."""
    return db.session.scalars(select(Entry).where(Entry.seq > seq).order_by(Entry.seq).limit(limit)).all()


def red_among(numbers: set[str]) -> set[str]:
    """Return those of the incidents that are TLP:RED."""
    if not numbers:
        return set()
    return set(db.session.scalars(select(Incident.number).where(Incident.number.in_(numbers), Incident.tlp == RED)))
