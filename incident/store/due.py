"""Which messages are to be sent now: what is due, in order, to contacts and by providers that can take it."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, text
from sqlalchemy.orm import aliased

from incident.store.buckets import BucketRow, is_empty
from incident.store.circuits import Circuit, is_left_alone
from incident.store.database import db
from incident.store.departments import Contact
from incident.store.incidents import EXERCISE, Incident
from incident.store.messages import WAITING, Message

_EARLIER = aliased(Message, name="earlier")
_IS_BEFORE = and_(
    _EARLIER.contact_id == Message.contact_id,
    _EARLIER.incident_id == Message.incident_id,
    _EARLIER.id < Message.id,
    text("earlier.state IN ('pending', 'sending')"),
)


def due_messages(
    now: dt.datetime, limit: int, busy_contacts: Collection[int], chosen: Collection[int]
) -> Sequence[Message]:
    """Return messages to be sent now, the longest waiting first, and lock them.

    A message in state `sending` whose `next_attempt_at` has passed was left by a process that died: it is due again.

    Args:
        now: the moment.
        limit: how many at most.
        busy_contacts: contacts that hold all the sending slots they may.
        chosen: messages that were taken already.
    """
    wanted = _due(now, or_(_EARLIER.attempts > 0, _EARLIER.next_attempt_at <= now))
    if busy_contacts:
        wanted = wanted.where(Message.contact_id.not_in(list(busy_contacts)))
    if chosen:
        wanted = wanted.where(Message.id.not_in(list(chosen)))
    wanted = wanted.order_by(Message.next_attempt_at, Message.id).limit(limit)
    return db.session.scalars(wanted.with_for_update(skip_locked=True, of=Message)).all()


def due_to(contact_id: int, now: dt.datetime, limit: int) -> Sequence[Message]:
    """Return the messages that one contact could get together now, oldest first, and lock them; no exercises."""
    wanted = _due(now, and_(_EARLIER.attempts > 0, _EARLIER.next_attempt_at > now))  # what is due goes along
    wanted = wanted.where(Message.contact_id == contact_id, Message.incident_id.not_in(_exercises()))
    wanted = wanted.order_by(Message.id).limit(limit)
    return db.session.scalars(wanted.with_for_update(skip_locked=True, of=Message)).all()


def has_due(now: dt.datetime) -> bool:
    """Tell whether there is anything to be sent now, or to be sent another way."""
    is_waited_for = or_(_EARLIER.attempts > 0, _EARLIER.next_attempt_at <= now)
    return any(
        db.session.scalar(wanted.with_only_columns(Message.id).limit(1)) is not None
        for wanted in (_due(now, is_waited_for), _stranded(now))
    )


def oldest_sendable_at(now: dt.datetime) -> dt.datetime | None:
    """Return since when the oldest message is due that nothing keeps from being sent now."""
    is_waited_for = or_(_EARLIER.attempts > 0, _EARLIER.next_attempt_at <= now)
    wanted = _due(now, is_waited_for).with_only_columns(Message.next_attempt_at)
    return db.session.scalar(wanted.order_by(Message.next_attempt_at).limit(1))


def stranded(now: dt.datetime, limit: int) -> Sequence[Message]:
    """Return due messages whose provider is left alone, and that were not sent another way yet; lock them."""
    wanted = _stranded(now).order_by(Message.next_attempt_at, Message.id).limit(limit)
    return db.session.scalars(wanted.with_for_update(skip_locked=True, of=Message)).all()


def contacts_left_alone(contact_ids: Collection[int], now: dt.datetime) -> frozenset[int]:
    """Return those of the contacts whose provider is left alone now."""
    if not contact_ids:
        return frozenset()
    wanted = select(Contact.id).where(Contact.id.in_(list(contact_ids)), Contact.origin.in_(_left_alone(now)))
    return frozenset(db.session.scalars(wanted))


def _stranded(now: dt.datetime) -> Select[Message]:
    return (
        select(Message)
        .join(Contact, Contact.id == Message.contact_id)
        .where(
            WAITING,
            Message.state == "pending",
            Message.next_attempt_at <= now,
            Message.passed_on_at.is_(None),
            Contact.origin.in_(_left_alone(now)),
            Message.incident_id.not_in(_exercises()),
        )
    )


def _due(now: dt.datetime, is_waited_for: ColumnElement[bool]) -> Select[Message]:
    """Messages that are due, whose contact and provider can take them, and before which none has to go.

    An earlier one of the same incident to the same contact has to, when `is_waited_for`; one whose time is still to
    come and that was never tried holds nothing up.
    """
    is_held_up = exists().where(_IS_BEFORE, is_waited_for)
    is_free = and_(
        Message.contact_id.not_in(select(BucketRow.contact_id).where(is_empty(now))),
        or_(Contact.origin.is_(None), Contact.origin.not_in(_left_alone(now))),
    )
    return (
        select(Message)
        .join(Contact, Contact.id == Message.contact_id)
        .where(
            WAITING,
            Message.next_attempt_at <= now,
            or_(is_free, Message.incident_id.in_(_exercises())),
            ~is_held_up,
        )
    )


def _left_alone(now: dt.datetime) -> Select[str]:
    return select(Circuit.origin).where(is_left_alone(now))


def _exercises() -> Select[int]:
    """Incidents of which nothing leaves the machine: no provider and no limit holds their messages up."""
    return select(Incident.id).where(EXERCISE)
