"""What is new for a person on incidents that they follow or in which they are mentioned."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, delete, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.incidents.news import Kind
from incident.store.db.database import Base, db, upsert

UNREAD = text("read_at IS NULL")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""

EACH_COUNTS = ("mentioned", "declined", "action", "action_due", "paperwork")
"""Kinds of which a later one does not replace an unread one."""

UNREAD_CHANGE = text("read_at IS NULL AND kind NOT IN ('mentioned', 'declined', 'action', 'action_due', 'paperwork')")


class NewsItem(Base):
    """One change for one person; a later change of the same kind replaces one that is not read yet.

    `words` is the new grade, status or owner, the percent of a deadline, the text of a note, why a proposal was
    declined, an action of a review, or what is due, its stage and number; `by` the actor as the journal names them.
    """

    __tablename__ = "incident_news"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('grade', 'status', 'owner', 'closed', 'deadline', 'mentioned', 'declined', "
            "'action', 'action_due', 'paperwork')",
            name="kind",
        ),
        Index(
            "uq_incident_news_unread",
            "person_id",
            "incident_id",
            "kind",
            unique=True,
            sqlite_where=UNREAD_CHANGE,
            postgresql_where=UNREAD_CHANGE,
        ),
        Index("ix_incident_news_person_id_id", "person_id", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_incident_news_person_id_at", "person_id", "at"),
        Index("ix_incident_news_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    kind: Mapped[Kind] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(300))
    at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]


def put_news(kind: Kind, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add one news item for each of some people.

    Of an unread change of the same kind only the last one remains.

    Args:
        kind: the kind of all of them.
        rows: values by column, for different people.
    """
    if not rows:
        return
    new = upsert(NewsItem).values(list(rows))
    if kind not in EACH_COUNTS:
        changed = {name: new.excluded[name] for name in ("words", "by", "at")}
        new = new.on_conflict_do_update(
            index_elements=["person_id", "incident_id", "kind"], index_where=UNREAD_CHANGE, set_=changed
        )
    db.session.execute(new)


def has_unread(person_id: int, incident_id: int) -> bool:
    """Return whether something on an incident is new for a person."""
    its = (NewsItem.person_id == person_id, NewsItem.incident_id == incident_id, UNREAD)
    return db.session.scalar(select(NewsItem.id).where(*its).limit(1)) is not None


def mark_read(person_id: int, incident_id: int | None, until: dt.datetime | None, now: dt.datetime) -> None:
    """Mark the news of a person as read, of one incident or of all, until a moment."""
    read = update(NewsItem).where(NewsItem.person_id == person_id, UNREAD)
    if until is not None:
        read = read.where(NewsItem.at <= until)
    if incident_id is not None:
        read = read.where(NewsItem.incident_id == incident_id)
    db.session.execute(read.values(read_at=now))


def forget_news(read_before: dt.datetime, before: dt.datetime) -> None:
    """Delete news that was read before a moment, and all from before another."""
    db.session.execute(delete(NewsItem).where(or_(NewsItem.read_at < read_before, NewsItem.at < before)))
