"""Topics of Amazon SNS: which are allowed to send alerts, and the confirmations of their subscriptions."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Index, String, Text, delete, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db

DUE = text("try_at IS NOT NULL")
"""A literal: a partial index serves only queries that contain its condition."""


class SnsTopic(Base):
    """A topic that somebody allowed, or that sent something and waits for it.

    `subscribe_url` confirms its subscription and is emptied when that is done; `try_at` is when it is called next.
    """

    __tablename__ = "sns_topics"
    __table_args__ = (Index("ix_sns_topics_due", "try_at", sqlite_where=DUE, postgresql_where=DUE),)

    id: Mapped[int] = mapped_column(primary_key=True)
    arn: Mapped[str] = mapped_column(String(350), unique=True)
    first_at: Mapped[dt.datetime]
    allowed_at: Mapped[dt.datetime | None]
    allowed_by: Mapped[str | None] = mapped_column(String(300))
    subscribe_url: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[dt.datetime | None]
    try_at: Mapped[dt.datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(500))
    confirmed_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    @property
    def state(self) -> str:
        """The state as a word: `waiting`, `ended`, `confirmed`, `failed`, `confirming` or `allowed`."""
        if self.allowed_at is None:
            return "waiting"
        if self.try_at is not None:
            return "confirming"
        if self.subscribe_url is not None:
            return "failed"
        if self.ended_at is not None:
            return "ended"
        return "allowed" if self.confirmed_at is None else "confirmed"


def topic_by_arn(arn: str) -> SnsTopic | None:
    """Return a topic by its name."""
    return db.session.scalar(select(SnsTopic).where(SnsTopic.arn == arn))


def topic_by_id(topic_id: int) -> SnsTopic | None:
    """Return a topic by its id."""
    return db.session.get(SnsTopic, topic_id)


def list_topics() -> Sequence[SnsTopic]:
    """Return the topics: those that wait first, then by name."""
    return db.session.scalars(select(SnsTopic).order_by(SnsTopic.allowed_at.is_not(None), SnsTopic.arn)).all()


def count_topics(*, is_waiting: bool) -> int:
    """Return how many topics there are, or how many of them wait to be allowed."""
    query = select(func.count()).select_from(SnsTopic)
    return db.session.scalar(query.where(SnsTopic.allowed_at.is_(None)) if is_waiting else query) or 0


def forget_waiting(before: dt.datetime) -> None:
    """Delete topics that nobody allowed and that have not asked for a subscription since a moment (UTC)."""
    asked_at = func.coalesce(SnsTopic.asked_at, SnsTopic.first_at)
    db.session.execute(delete(SnsTopic).where(SnsTopic.allowed_at.is_(None), asked_at < before))


def due_confirmations(now: dt.datetime, limit: int) -> Sequence[SnsTopic]:
    """Return the topics whose subscriptions must be confirmed now, the oldest first."""
    query = select(SnsTopic).where(DUE, SnsTopic.try_at <= now).order_by(SnsTopic.try_at).limit(limit)
    return db.session.scalars(query).all()
