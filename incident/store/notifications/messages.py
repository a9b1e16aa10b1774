"""The outbox: messages to contacts, and each attempt to send one."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, table_of
from incident.store.directory.departments import Contact

WAITING = text("state IN ('pending', 'sending')")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""

DEAD = text("state IN ('refused', 'given_up')")
"""Messages that are not retried automatically."""

DEAD_MESSAGES = text("messages.state IN ('refused', 'given_up')")
"""The same, qualified for joins with tables that have a state."""


class Message(Base):
    """The message of one notice at one level to one contact; it keeps its `webhook-id` on every attempt.

    `person_id` is the owner of the contact, null for a desk. The contacts of one person, or of the desks of a level,
    are used in the order of `turn` (from 0) where the policy says so; those of a later turn wait in `next_attempt_at`.
    `retried_from_at` is when somebody retried a dead message: the day in which it is retried begins again.
    `passed_on_at` is when its content was also sent to another contact.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'refused', 'given_up', 'cancelled')", name="state"),
        Index("ix_messages_due", "next_attempt_at", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_messages_notice_id", "notice_id"),
        Index("ix_messages_incident_id", "incident_id"),
        Index("ix_messages_contact_id_id", "contact_id", "id"),
        Index(
            "ix_messages_in_order",
            "contact_id",
            "incident_id",
            "id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_messages_dead", "id", sqlite_where=DEAD, postgresql_where=DEAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(40))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    level: Mapped[int]
    round: Mapped[int]
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(10), default="pending")
    created_at: Mapped[dt.datetime]
    next_attempt_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[dt.datetime | None]
    fault: Mapped[str | None] = mapped_column(String(500))
    retried_from_at: Mapped[dt.datetime | None]
    passed_on_at: Mapped[dt.datetime | None]


class Delivery(Base):
    """One attempt to send a message: written before sending, completed after.

    Those of a bundle have one `bundle_id`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_message_id_attempt", "message_id", "attempt"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    attempt: Mapped[int]
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(12))
    detail: Mapped[str | None] = mapped_column(String(500))
    bundle_id: Mapped[str | None] = mapped_column(String(64))


_NEXT_AT = select(func.min(Message.next_attempt_at)).where(WAITING)


def next_message_at() -> dt.datetime | None:
    """Return when the next message is due."""
    found: dt.datetime | None = db.session.connection().execute(_NEXT_AT).scalar()
    return found


def oldest_unsent_at() -> dt.datetime | None:
    """Return since when the oldest message without any attempt waits."""
    return db.session.scalar(select(func.min(Message.created_at)).where(WAITING))


def cancel_messages(notice_id: int, now: dt.datetime) -> None:
    """Cancel the unsent messages of a notice."""
    db.session.execute(
        update(Message)
        .where(and_(Message.notice_id == notice_id, or_(Message.state == "pending", Message.state == "sending")))
        .values(state="cancelled", ended_at=now)
        .execution_options(synchronize_session=False)
    )


_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_CANCEL = (
    update(table_of(Message))
    .where(Message.id.in_(_IDS))
    .values(state="cancelled", ended_at=bindparam("now"), fault=bindparam("why"))
)


def cancel(message_ids: Collection[int], now: dt.datetime, why: str | None) -> None:
    """Cancel messages whose contact is disabled."""
    db.session.connection().execute(_CANCEL, {"ids": list(message_ids), "now": now, "why": why})


def _beside(message: Message) -> ColumnElement[bool]:
    """Return the condition on messages of the same notification of the same level."""
    return and_(
        Message.notice_id == message.notice_id,
        Message.type == message.type,
        Message.level == message.level,
        Message.round == message.round,
        Message.task_id.is_(None) if message.task_id is None else Message.task_id == message.task_id,
    )


def later_turn(message: Message, now: dt.datetime) -> Message | None:
    """Lock and return the next message to the same person, or to the desks."""
    person_id = message.person_id
    wanted = select(Message).where(
        _beside(message),
        Message.person_id.is_(None) if person_id is None else Message.person_id == person_id,
        Message.state == "pending",
        Message.attempts == 0,
        Message.next_attempt_at > now,
    )
    wanted = wanted.order_by(Message.next_attempt_at, Message.id).limit(1).with_for_update(skip_locked=True)
    return db.session.scalar(wanted)


def contacts_used(message: Message) -> frozenset[int]:
    """Return the contacts that received the content of this message, or will soon."""
    return frozenset(db.session.scalars(select(Message.contact_id).where(_beside(message))))


def message_by_webhook_id(webhook_id: str) -> Message | None:
    """Return a message by its `webhook-id`."""
    return db.session.scalar(select(Message).where(Message.webhook_id == webhook_id))


def reload_message(message_id: int) -> Message:
    """Return a message as it is in the database, bypassing the session's copy."""
    return db.session.get_one(Message, message_id, populate_existing=True)


def messages_of(incident_id: int) -> Sequence[Message]:
    """Return the messages of an incident, oldest first."""
    return db.session.scalars(select(Message).where(Message.incident_id == incident_id).order_by(Message.id)).all()


def first_levels(notice_ids: Collection[int]) -> dict[int, int]:
    """Return the level that was notified first of each notice that reached anybody."""
    wanted = select(Message.notice_id, func.min(Message.level)).where(Message.notice_id.in_(list(notice_ids)))
    return dict(db.session.execute(wanted.group_by(Message.notice_id)).all())


def notified_contacts(notice_id: int) -> Sequence[Contact]:
    """Return the active contacts that were notified under a notice, in order of notification."""
    wanted = (
        select(Contact)
        .join(Message, Message.contact_id == Contact.id)
        .where(Message.notice_id == notice_id, Message.type == "notice.created", Contact.switched_off_at.is_(None))
        .order_by(Message.id)
    )
    return list(dict.fromkeys(db.session.scalars(wanted)))


def deliveries_of(message_ids: Collection[int]) -> Sequence[Delivery]:
    """Return the attempts of these messages, in order."""
    wanted = select(Delivery).where(Delivery.message_id.in_(list(message_ids)))
    return db.session.scalars(wanted.order_by(Delivery.message_id, Delivery.attempt)).all()
