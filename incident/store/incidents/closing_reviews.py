"""Reviews of closed incidents, and their actions."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db

ACTION_OPEN = text("review_actions.state = 'open'")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""


class ClosingReview(Base):
    """What went well on an incident, and what did not."""

    __tablename__ = "incident_reviews"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True, autoincrement=False)
    went_well: Mapped[str] = mapped_column(Text)
    went_wrong: Mapped[str] = mapped_column(Text)
    written_at: Mapped[dt.datetime]
    written_by: Mapped[str] = mapped_column(String(300))


class ReviewAction(Base):
    """Something that a person must do after an incident; `remind_at` is when they are reminded first."""

    __tablename__ = "review_actions"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done')", name="state"),
        Index("ix_review_actions_incident_id_id", "incident_id", "id"),
        Index(
            "ix_review_actions_owner_id_due_at",
            "owner_id",
            "due_at",
            sqlite_where=ACTION_OPEN,
            postgresql_where=ACTION_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    title: Mapped[str] = mapped_column(String(300))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    due_at: Mapped[dt.datetime]
    remind_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    added_at: Mapped[dt.datetime]
    added_by: Mapped[str] = mapped_column(String(300))
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(300))


def review_of(incident_id: int) -> ClosingReview | None:
    """Return the review of an incident."""
    return db.session.get(ClosingReview, incident_id)


def actions_of(incident_id: int) -> Sequence[ReviewAction]:
    """Return the actions of the review of an incident, those that are due first in front."""
    wanted = select(ReviewAction).where(ReviewAction.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(ReviewAction.due_at, ReviewAction.id)).all()


def count_actions_of(incident_id: int) -> int:
    """Count the actions of the review of an incident."""
    wanted = select(func.count()).select_from(ReviewAction).where(ReviewAction.incident_id == incident_id)
    return db.session.scalar(wanted) or 0


def same_open_action(incident_id: int, title: str, owner_id: int, due_at: dt.datetime) -> ReviewAction | None:
    """Return the open action of an incident with this title, owner and due."""
    wanted = select(ReviewAction).where(
        ACTION_OPEN,
        ReviewAction.incident_id == incident_id,
        ReviewAction.title == title,
        ReviewAction.owner_id == owner_id,
        ReviewAction.due_at == due_at,
    )
    return db.session.scalar(wanted.limit(1))
