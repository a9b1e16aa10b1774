"""Shift handovers: from whom, to whom, what was open then, and when it was confirmed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class ShiftHandover(Base):
    """A handover of a department's shift; `snapshot` holds the lists of that moment."""

    __tablename__ = "shift_handovers"
    __table_args__ = (
        Index("ix_shift_handovers_to_person_id_id", "to_person_id", "id"),
        Index("ix_shift_handovers_from_person_id_id", "from_person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    from_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    to_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str | None] = mapped_column(Text)
    snapshot: Mapped[dict[str, Any]]
    handed_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]


def handovers_of(person_id: int, after: int | None, limit: int) -> Sequence[ShiftHandover]:
    """Return the handovers from or to a person, newest first."""
    mine = or_(ShiftHandover.from_person_id == person_id, ShiftHandover.to_person_id == person_id)
    query = select(ShiftHandover).where(mine)
    if after is not None:
        query = query.where(ShiftHandover.id < after)
    return db.session.scalars(query.order_by(ShiftHandover.id.desc()).limit(limit)).all()


def unconfirmed_handovers(person_id: int, limit: int) -> Sequence[ShiftHandover]:
    """Return the handovers from or to a person that nobody has confirmed, newest first."""
    mine = or_(ShiftHandover.from_person_id == person_id, ShiftHandover.to_person_id == person_id)
    query = select(ShiftHandover).where(mine, ShiftHandover.confirmed_at.is_(None))
    return db.session.scalars(query.order_by(ShiftHandover.id.desc()).limit(limit)).all()


def lock_handover(handover_id: int) -> ShiftHandover | None:
    """Return a handover and lock its row until the transaction ends."""
    query = select(ShiftHandover).where(ShiftHandover.id == handover_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))
