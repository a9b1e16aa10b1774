"""Events of a notice, each with its moment, actor, means and evidence."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db

OPENED = text("kind = 'opened' AND message_id IS NOT NULL")
LOOKED_AT = text("kind = 'opened' AND message_id IS NULL")


class NoticeEvent(Base):
    """One event of a notice: appended, never changed; queued, sent and delivered are in messages and deliveries.

    `level` and `round` are those that were notified last; `contact_id` is the contact whose link was used; `evidence`
    is the client program's own identification.
    """

    __tablename__ = "notice_events"
    __table_args__ = (
        Index("ix_notice_events_notice_id_id", "notice_id", "id"),
        Index("ix_notice_events_opened", "message_id", unique=True, sqlite_where=OPENED, postgresql_where=OPENED),
        Index(
            "ix_notice_events_looked_at",
            "notice_id",
            "by",
            unique=True,
            sqlite_where=LOOKED_AT,
            postgresql_where=LOOKED_AT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str] = mapped_column(String(14))
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(300))
    via: Mapped[str] = mapped_column(String(20))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    level: Mapped[int]
    round: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


def notice_events_of(notice_ids: Collection[int]) -> Sequence[NoticeEvent]:
    """Return the events of notices in the order in which they were recorded."""
    return db.session.scalars(
        select(NoticeEvent).where(NoticeEvent.notice_id.in_(list(notice_ids))).order_by(NoticeEvent.id)
    ).all()


def first_at(notice_ids: Collection[int], kind: str) -> Mapping[int, NoticeEvent]:
    """Return the first event of a kind of each notice that has one."""
    its = select(func.min(NoticeEvent.id)).where(NoticeEvent.notice_id.in_(list(notice_ids)), NoticeEvent.kind == kind)
    found = db.session.scalars(select(NoticeEvent).where(NoticeEvent.id.in_(its.group_by(NoticeEvent.notice_id))))
    return {event.notice_id: event for event in found}


def last_of(notice_id: int, kinds: Collection[str]) -> NoticeEvent | None:
    """Return the newest event of a notice that is of one of these kinds."""
    wanted = select(NoticeEvent).where(NoticeEvent.notice_id == notice_id, NoticeEvent.kind.in_(list(kinds)))
    return db.session.scalar(wanted.order_by(NoticeEvent.id.desc()).limit(1))


def is_opened(message_id: int) -> bool:
    """Whether the link of a message is known to have been opened."""
    return db.session.scalar(select(NoticeEvent.id).where(NoticeEvent.message_id == message_id, OPENED)) is not None


def looked_at(notice_ids: Collection[int], by: str) -> frozenset[int]:
    """Return those of the notices that somebody has seen in the inbox."""
    wanted = select(NoticeEvent.notice_id).where(
        NoticeEvent.notice_id.in_(list(notice_ids)), NoticeEvent.by == by, LOOKED_AT
    )
    return frozenset(db.session.scalars(wanted))
