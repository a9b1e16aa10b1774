"""Passages of reports that were sealed after they had been stored, and whether the disk is free of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class MarkedPassage(Base):
    """A passage that was marked later, never its words; each row is also work: free space is cleared of it.

    `report_id` and `field` are None where a migration sealed what earlier versions had stored in plain. `incidents`
    are the numbers of incidents that still say it. `erased_at` is None until the disk of the database is free of it.
    """

    __tablename__ = "marked_passages"
    __table_args__ = (
        Index(
            "ix_marked_passages_waiting",
            "id",
            sqlite_where=sql("erased_at IS NULL"),
            postgresql_where=sql("erased_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    field: Mapped[str | None] = mapped_column(String(20))
    marked_at: Mapped[dt.datetime]
    marked_by: Mapped[str] = mapped_column(String(300))
    incidents: Mapped[list[Any]]
    has_indicators: Mapped[bool] = mapped_column(default=False, server_default=false())
    erased_at: Mapped[dt.datetime | None]


def marked_passages_of(report_id: int) -> Sequence[MarkedPassage]:
    """Return the passages of a report that were marked later, the first one first."""
    wanted = select(MarkedPassage).where(MarkedPassage.report_id == report_id)
    return db.session.scalars(wanted.order_by(MarkedPassage.id)).all()


def waiting_passages() -> Sequence[MarkedPassage]:
    """Return the passages of which the disk is not free yet."""
    wanted = select(MarkedPassage).where(MarkedPassage.erased_at.is_(None))
    return db.session.scalars(wanted.order_by(MarkedPassage.id)).all()
