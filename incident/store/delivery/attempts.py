"""Attempts to send messages: written before, completed after, many with one statement."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import BindParameter, String, bindparam, case, delete, insert, select, update

from incident.store.db.database import Moment, db, table_of
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Delivery, Message

_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)


class Attempt(NamedTuple):
    """One attempt with its message, recipient and incident."""

    id: int
    attempt: int
    began_at: dt.datetime
    bundle_id: str | None
    message_id: int
    webhook_id: str
    state: str
    attempts: int
    level: int
    contact_id: int
    contact: str
    channel: str
    origin: str | None
    number: str
    is_exercise: bool

    @property
    def is_last(self) -> bool:
        """Whether no later attempt has begun, so that its result decides about the message."""
        return self.attempts == self.attempt and self.state in {"sending", "cancelled"}


_ATTEMPTS = (
    select(
        Delivery.id,
        Delivery.attempt,
        Delivery.began_at,
        Delivery.bundle_id,
        Message.id,
        Message.webhook_id,
        Message.state,
        Message.attempts,
        Message.level,
        Contact.id,
        Contact.name,
        Contact.channel,
        Contact.origin,
        Incident.number,
        Incident.speed.is_not(None),
    )
    .join(Message, Message.id == Delivery.message_id)
    .join(Contact, Contact.id == Message.contact_id)
    .join(Incident, Incident.id == Message.incident_id)
    .where(Delivery.id.in_(_IDS))
    .order_by(Message.id)
    .with_for_update(of=Message)
)


def attempts(delivery_ids: Collection[int]) -> dict[int, Attempt]:
    """Return attempts by id; their messages are locked."""
    found = db.session.connection().execute(_ATTEMPTS, {"ids": list(delivery_ids)})
    return {attempt.id: attempt for attempt in (Attempt._make(row) for row in found)}


_END = (
    update(table_of(Delivery))
    .where(table_of(Delivery).c.id == bindparam("attempt_id"))
    .values({name: bindparam(f"its_{name}") for name in ("ended_at", "outcome", "detail")})
)
_SENT = (
    update(table_of(Message))
    .where(table_of(Message).c.id == bindparam("message_id"))
    .values(state="sent", ended_at=bindparam("its_ended_at"), fault=None)
)


class AttemptResult(NamedTuple):
    """The result of an attempt; `outcome` is the stored word."""

    attempt: Attempt
    ended_at: dt.datetime
    outcome: str
    detail: str


def end_attempts(ends: Collection[AttemptResult]) -> None:
    """Store the results of attempts."""
    rows = [
        {
            "attempt_id": end.attempt.id,
            "its_ended_at": end.ended_at,
            "its_outcome": end.outcome,
            "its_detail": end.detail,
        }
        for end in ends
    ]
    db.session.connection().execute(_END, rows)


def mark_sent(ends: Collection[AttemptResult]) -> None:
    """Record that messages were accepted with these attempts."""
    rows = [{"message_id": end.attempt.message_id, "its_ended_at": end.ended_at} for end in ends]
    if rows:
        db.session.connection().execute(_SENT, rows)


_BEGIN = (
    update(table_of(Message))
    .where(Message.id.in_(_IDS))
    .values(state="sending", attempts=Message.attempts + 1, next_attempt_at=bindparam("until"))
)
_ATTEMPT = (
    insert(table_of(Delivery))
    .from_select(
        ["message_id", "attempt", "began_at", "bundle_id"],
        select(
            Message.id, Message.attempts, bindparam("now", type_=Moment), bindparam("bundle_id", type_=String)
        ).where(Message.id.in_(_IDS)),
    )
    .returning(Delivery.message_id, Delivery.id)
)
_UNKNOWN = (
    update(table_of(Delivery))
    .where(Delivery.message_id.in_(_IDS), Delivery.ended_at.is_(None))
    .values(ended_at=bindparam("now"), outcome="unknown")
)


def begin_attempts(message_ids: Collection[int], until: dt.datetime) -> None:
    """Record that messages are being sent: after the given moment they count as left by a process that died."""
    db.session.connection().execute(_BEGIN, {"ids": list(message_ids), "until": until})


def insert_attempts(message_ids: Collection[int], now: dt.datetime, bundle_id: str | None) -> dict[int, int]:
    """Insert the attempt of each of these started messages; return its id by that of the message."""
    if not message_ids:
        return {}
    parameters = {"ids": list(message_ids), "now": now, "bundle_id": bundle_id}
    return {row[0]: row[1] for row in db.session.connection().execute(_ATTEMPT, parameters)}


def mark_unknown(message_ids: Collection[int], now: dt.datetime) -> None:
    """Complete the attempts of messages that a process left when it died."""
    db.session.connection().execute(_UNKNOWN, {"ids": list(message_ids), "now": now})


_GIVE_BACK = (
    update(table_of(Message))
    .where(Message.id.in_(select(Delivery.message_id).where(Delivery.id.in_(_IDS))))
    .values(
        state=case((table_of(Message).c.state == "sending", "pending"), else_=table_of(Message).c.state),
        attempts=table_of(Message).c.attempts - 1,
        next_attempt_at=bindparam("now"),
    )
)
_TAKE_BACK = delete(table_of(Delivery)).where(table_of(Delivery).c.id.in_(_IDS))


def withdraw_attempts(delivery_ids: Collection[int], now: dt.datetime) -> None:
    """Undo attempts that were written but not made: their messages are due again."""
    connection = db.session.connection()
    connection.execute(_GIVE_BACK, {"ids": list(delivery_ids), "now": now})
    connection.execute(_TAKE_BACK, {"ids": list(delivery_ids)})
