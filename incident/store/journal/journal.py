"""The journal's rows and its head."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Index, Row, Select, String, Text, bindparam, case, func, not_, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.journal.timeline_groups import PREFIXES, Group
from incident.store.db.database import Base, db, insert_rows, table_of
from incident.store.db.prepared import execute, fetch_one


class Entry(Base):
    """One entry of the append-only, hash-chained record of all changes; `incident` is a number."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_incident_seq", "incident", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor: Mapped[str] = mapped_column(String(300))
    event_type: Mapped[str] = mapped_column("type", String(60), key="event_type")
    incident: Mapped[str | None] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class JournalHead(Base):
    """The one row with the length and the last hash of the chain; locked last in a transaction."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


Shown = ColumnElement[bool] | None
"""A condition on entries: those that somebody may see; None when all."""

_MOVE_HEAD = update(table_of(JournalHead)).values(count=bindparam("to_count"), hash=bindparam("to_hash"))
_HEAD = select(JournalHead.count, JournalHead.hash).with_for_update()


def lock_head() -> tuple[int, str] | None:
    """Lock the head until the transaction ends and return its count and hash; None before the first entry."""
    row = fetch_one(db.session.connection(), _HEAD)
    return None if row is None else (row[0], row[1])


def append(rows: Sequence[Mapping[str, Any]], count: int, last_hash: str) -> None:
    """Append entries after the locked head, and move the head.

    Args:
        rows: the entries by column, in order.
        count: the number of entries afterwards.
        last_hash: the hash of the last.
    """
    connection = db.session.connection()
    insert_rows(connection, Entry, rows)
    execute(connection, _MOVE_HEAD, to_count=count, to_hash=last_hash)


def begin_chain(genesis: str) -> None:
    """Insert the head of an empty chain; of two concurrent calls one fails and is retried."""
    insert_rows(db.session.connection(), JournalHead, [{"id": 1, "count": 0, "hash": genesis}])


def head() -> JournalHead | None:
    """Return the head without a lock."""
    return db.session.get(JournalHead, 1)


def hash_at(seq: int) -> str | None:
    """Return the stored hash of an entry; None when there is none of that number."""
    return db.session.scalar(select(Entry.hash).where(Entry.seq == seq))


def token_creator(token_id: int) -> str | None:
    """Return the actor that created a token; None when the journal does not say."""
    wanted = select(Entry.actor).where(Entry.event_type == "token.created", Entry.subject == f"token:{token_id}")
    return db.session.scalar(wanted)


def entries_past(seq: int, batch: int = 5000) -> Iterator[Entry]:
    """Yield every entry after a `seq` in order, one batch in memory; after 0 all, whatever their numbers."""
    after: int | None = seq or None
    while True:
        wanted = select(Entry).order_by(Entry.seq).limit(batch)
        if after is not None:
            wanted = wanted.where(Entry.seq > after)
        found = db.session.scalars(wanted).all()
        yield from found
        if len(found) < batch:
            return
        after = found[-1].seq
        db.session.expunge_all()


def entries_of(incident: str, after: int, limit: int, shown: Shown = None) -> Sequence[Entry]:
    """Return the entries of an incident after a `seq`, in order, restricted by `shown`."""
    wanted = _of(select(Entry), incident, shown).where(Entry.seq > after)
    return db.session.scalars(wanted.order_by(Entry.seq).limit(limit)).all()


def _of(query: Select[Any], incident: str, shown: Shown) -> Select[Any]:
    its = query.where(Entry.incident == incident)
    return its if shown is None else its.where(shown)


def turns_of(incident: str, run_id: int) -> Sequence[Entry]:
    """Return the entries with the turns of a run, in order: its start, and each event that changed it."""
    wanted = select(Entry).where(
        Entry.incident == incident,
        Entry.subject == f"run:{run_id}",
        Entry.event_type.in_(("run.started", "run.advanced", "run.ended")),
    )
    return db.session.scalars(wanted.order_by(Entry.seq)).all()


def latest_entries_of(
    incident: str, limit: int, shown: Shown = None, group: Group | None = None, without: Collection[str] = ()
) -> Sequence[Entry]:
    """Return the newest entries of an incident, newest first; without some types, or of one group."""
    wanted = _of(select(Entry), incident, shown)
    if group is not None:
        wanted = wanted.where(_in_group(group))
    if without:
        wanted = wanted.where(Entry.event_type.not_in(without))
    return db.session.scalars(wanted.order_by(Entry.seq.desc()).limit(limit)).all()


def last_entry_of_type(incident: str, event_type: str) -> Entry | None:
    """Return the newest entry of an incident that is of a type."""
    wanted = select(Entry).where(Entry.incident == incident, Entry.event_type == event_type)
    return db.session.scalar(wanted.order_by(Entry.seq.desc()).limit(1))


def _in_group(group: Group) -> ColumnElement[bool]:
    names = [one for one in PREFIXES if group in (one, "system")]
    found = or_(*(Entry.event_type.startswith(prefix) for name in names for prefix in PREFIXES[name]))
    return not_(found) if group == "system" else found


def changes_after(seq: int, limit: int = 1000) -> Sequence[Row[int, str | None, str, str | None]]:
    """Return the entries after a `seq`, in order; the newest when there are too many.

    Each is `seq`, incident, subject, and the detail of a change of an incident's facts.
    """
    facts = case((Entry.event_type == "incident.changed", Entry.detail))
    wanted = select(Entry.seq, Entry.incident, Entry.subject, facts).where(Entry.seq > seq)
    return list(reversed(db.session.execute(wanted.order_by(Entry.seq.desc()).limit(limit)).all()))


def last_change_of(incident: str | None, shown: Shown = None) -> int:
    """Return the last `seq` of an incident (restricted by `shown`), or of any; 0 when there is none."""
    wanted = select(func.max(Entry.seq))
    if incident is not None:
        wanted = _of(wanted, incident, shown)
    return db.session.scalar(wanted) or 0


def entries_before(seq: int | None, limit: int, incident: str | None = None) -> Sequence[Entry]:
    """Return entries older than a `seq` (the newest when None), newest first."""
    wanted = select(Entry)
    if incident is not None:
        wanted = wanted.where(Entry.incident == incident)
    if seq is not None:
        wanted = wanted.where(Entry.seq < seq)
    return db.session.scalars(wanted.order_by(Entry.seq.desc()).limit(limit)).all()
