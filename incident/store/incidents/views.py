"""Saved views of the list of incidents: each person's own, and shared ones."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, String, Text, delete, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class SavedView(Base):
    """A query of the list under a name; a deleted one can be restored by who deleted it."""

    __tablename__ = "saved_views"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    is_shared: Mapped[bool]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str] = mapped_column(String(300))
    deleted_at: Mapped[dt.datetime | None]


def views_for(person_id: int | None) -> Sequence[SavedView]:
    """Return the views of a person and the shared ones, by name."""
    own = [SavedView.person_id == person_id] if person_id is not None else []
    wanted = select(SavedView).where(SavedView.deleted_at.is_(None), or_(SavedView.is_shared, *own))
    return db.session.scalars(wanted.order_by(SavedView.is_shared, SavedView.name, SavedView.id)).all()


def count_views(person_id: int | None, *, is_shared: bool) -> int:
    """Count the shared views, or those of one person that are not shared."""
    whose = SavedView.is_shared if is_shared else SavedView.person_id == person_id
    wanted = select(func.count()).where(SavedView.deleted_at.is_(None), SavedView.is_shared == is_shared, whose)
    return db.session.scalar(wanted) or 0


def forget_deleted(before: dt.datetime) -> None:
    """Delete for good the views that were deleted before a moment (UTC)."""
    db.session.execute(delete(SavedView).where(SavedView.deleted_at < before))
