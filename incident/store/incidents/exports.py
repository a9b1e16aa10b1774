"""Exports of the list of incidents: who asked for one, its filter and progress, and its content in parts."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, delete, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.incidents.listing.export import UNFINISHED, ExportState
from incident.store.db.database import Base, db

_UNFINISHED: Final = text("state IN ('waiting', 'running')")
"""A literal, not parameters: a partial index serves only queries that contain its condition."""


class ListExport(Base):
    """An export that a person or a program asked for.

    `query` is the address of the list, empty where a program asked; `filter` is the filter as `queries.export_filter`
    writes it, None for one that nothing can match. `rows_done` counts the incidents that were looked at, `rows_total`
    is None until they are found.
    """

    __tablename__ = "list_exports"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'json')", name="format"),
        CheckConstraint("state IN ('waiting', 'running', 'ready', 'failed')", name="state"),
        Index("ix_list_exports_unfinished", "id", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    token_id: Mapped[int | None] = mapped_column(ForeignKey("tokens.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[dt.datetime]
    format: Mapped[str] = mapped_column(String(4))
    language: Mapped[str] = mapped_column(String(20))
    query: Mapped[str] = mapped_column(Text)
    filter: Mapped[dict[str, Any] | None]
    sort: Mapped[str | None] = mapped_column(String(10))
    columns: Mapped[list[Any]]
    state: Mapped[ExportState] = mapped_column(String(10), default="waiting")
    fault: Mapped[str | None] = mapped_column(String(60))
    rows_total: Mapped[int | None]
    rows_done: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)


class ListExportPart(Base):
    """A part of an export: its incidents in order, and their rows of the file once they are written.

    Then `incident_ids` are those that were written: who asked might not see all of the others any more. `reds` are the
    numbers of those that are TLP:RED.
    """

    __tablename__ = "list_export_parts"

    export_id: Mapped[int] = mapped_column(ForeignKey("list_exports.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    incident_ids: Mapped[list[Any]]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    rows: Mapped[int | None]
    reds: Mapped[list[Any] | None]


def next_unfinished() -> ListExport | None:
    """Return the oldest export that is not finished."""
    return db.session.scalar(select(ListExport).where(_UNFINISHED).order_by(ListExport.id).limit(1))


def lock_export(export_id: int) -> ListExport | None:
    """Return an unfinished export and lock it; None when another process has it, or it is finished or deleted."""
    wanted = select(ListExport).where(ListExport.id == export_id, ListExport.state.in_(UNFINISHED))
    locked = wanted.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalar(locked)


def next_part(export_id: int) -> ListExportPart | None:
    """Return the first part of an export that is not written."""
    wanted = select(ListExportPart).where(ListExportPart.export_id == export_id, ListExportPart.content.is_(None))
    return db.session.scalar(wanted.order_by(ListExportPart.place).limit(1))


def count_written(export_id: int) -> int:
    """Count the incidents in the written parts of an export."""
    written = select(func.sum(ListExportPart.rows)).where(ListExportPart.export_id == export_id)
    return int(db.session.scalar(written) or 0)  # PostgreSQL sums whole numbers as decimals


def exports_of(person_id: int | None, token_id: int | None, now: dt.datetime) -> Sequence[ListExport]:
    """Return the exports of a person, or of a program, that have not expired, the newest first."""
    whose = ListExport.person_id == person_id if person_id is not None else ListExport.token_id == token_id
    wanted = select(ListExport).where(whose, ListExport.expires_at > now)
    return db.session.scalars(wanted.order_by(ListExport.id.desc())).all()


def incidents_in(export_id: int) -> Iterator[Sequence[int]]:
    """Yield the ids of the incidents of each part that has any rows."""
    wanted = select(ListExportPart.incident_ids).where(ListExportPart.export_id == export_id, ListExportPart.rows > 0)
    for (ids,) in db.session.execute(wanted.order_by(ListExportPart.place)):
        yield ids


def reds_in(export_id: int) -> list[str]:
    """Return the numbers of the incidents in an export that were TLP:RED when they were written."""
    wanted = select(ListExportPart.reds).where(ListExportPart.export_id == export_id)
    return [number for (reds,) in db.session.execute(wanted) for number in reds or ()]


def content_after(export_id: int, place: int) -> tuple[int | None, bytes]:
    """Return the place and the content of the next part that has rows; None after the last one."""
    wanted = select(ListExportPart.place, ListExportPart.content).where(
        ListExportPart.export_id == export_id, ListExportPart.place > place, ListExportPart.rows > 0
    )
    found = db.session.execute(wanted.order_by(ListExportPart.place).limit(1)).first()
    return (None, b"") if found is None else (found.place, found.content or b"")


def expired_exports(now: dt.datetime, limit: int) -> Sequence[int]:
    """Return the ids of exports that have expired."""
    return db.session.scalars(select(ListExport.id).where(ListExport.expires_at <= now).limit(limit)).all()


def remove_parts(export_id: int) -> None:
    """Delete the content of an export."""
    db.session.execute(delete(ListExportPart).where(ListExportPart.export_id == export_id))


def remove_export(export_id: int) -> None:
    """Delete an export with its content."""
    remove_parts(export_id)
    db.session.execute(delete(ListExport).where(ListExport.id == export_id))
