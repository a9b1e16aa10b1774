"""The access log: a separate table, outside the journal's chain."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Index, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.journal.access_log import LOST, ReadKey, Reads
from incident.store.db.database import Base, db, upsert


class AccessRecord(Base):
    """How often somebody has read an object within an hour; the columns are those of `core.journal.access_log`."""

    __tablename__ = "access_log"
    __table_args__ = (
        UniqueConstraint("owner", "kind", "identifier", "hour_at"),
        Index("ix_access_log_kind_identifier_hour_at", "kind", "identifier", "hour_at"),
        Index("ix_access_log_hour_at", "hour_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    identifier: Mapped[str] = mapped_column(String(100))
    hour_at: Mapped[dt.datetime]
    actor: Mapped[str] = mapped_column(String(300))
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    count: Mapped[int]


def add_reads(reads: Mapping[ReadKey, Reads]) -> None:
    """Add reads to the records; an existing record is incremented."""
    rows = [
        {
            "owner": key.owner,
            "kind": key.kind,
            "identifier": key.identifier,
            "hour_at": key.hour_at,
            "actor": one.actor,
            "first_at": one.first_at,
            "last_at": one.last_at,
            "count": one.count,
        }
        for key, one in sorted(reads.items(), key=lambda item: (item[0].owner, item[0].kind, item[0].identifier))
    ]
    if not rows:
        return
    added = upsert(AccessRecord)
    changed = {
        "count": AccessRecord.count + added.excluded.count,
        "last_at": added.excluded.last_at,
        "actor": added.excluded.actor,
    }
    keys = ["owner", "kind", "identifier", "hour_at"]
    db.session.connection().execute(added.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def list_records(
    owner: str | None,
    kind: str | None,
    identifier: str | None,
    before: int | None,
    limit: int,
    shown: ColumnElement[bool],
) -> Sequence[AccessRecord]:
    """Return records, the newest first, without those that only count lost reads.

    Args:
        owner: who has read, such as `person:3`; None for all.
        kind: of the object; None for all.
        identifier: of the object; None for all.
        before: the id of the last record of the previous page.
        limit: the maximum number.
        shown: the condition on records that the viewer may see.
    """
    query = select(AccessRecord).where(AccessRecord.kind != LOST, shown)
    for column, value in (
        (AccessRecord.owner, owner),
        (AccessRecord.kind, kind),
        (AccessRecord.identifier, identifier),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(AccessRecord.id < before)
    return db.session.scalars(query.order_by(AccessRecord.id.desc()).limit(limit)).all()


def lost_reads(since: dt.datetime) -> int:
    """Count the reads that could not be recorded since a moment (UTC)."""
    wanted = select(func.sum(AccessRecord.count)).where(AccessRecord.kind == LOST, AccessRecord.hour_at >= since)
    return db.session.scalar(wanted) or 0


def forget_reads(before: dt.datetime) -> None:
    """Delete the records of hours before a moment (UTC)."""
    db.session.execute(delete(AccessRecord).where(AccessRecord.hour_at < before))
