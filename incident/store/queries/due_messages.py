"""Messages to send now: due ones, in order, whose contacts and providers can accept them.

The statements are compiled once: building them takes longer than executing them.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Boolean, ColumnElement, Select, and_, bindparam, exists, or_, select, text
from sqlalchemy.orm import aliased

from incident.store.db.database import db
from incident.store.delivery import buckets, circuits
from incident.store.delivery.buckets import BucketRow
from incident.store.delivery.circuits import Circuit, has_open_circuit
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import EXERCISE, Incident
from incident.store.notifications.messages import WAITING, Message

_NOW: BindParameter[dt.datetime] = bindparam("now")
_LEFT_ALONE = select(Circuit.origin).where(circuits.IS_OPEN)
_EXERCISES = select(Incident.id).where(EXERCISE)
_IS_EXERCISE = and_(Message.incident_id.is_not(None), Message.incident_id.in_(_EXERCISES))
"""Whether it belongs to an exercise, whose messages never leave the machine: no provider and no limit delays them."""

_EARLIER = aliased(Message, name="earlier")


class DueMessage(NamedTuple):
    """A message with the columns that sending needs."""

    id: int
    webhook_id: str
    type: str
    notice_id: int
    contact_id: int
    level: int
    round: int
    state: str
    created_at: dt.datetime
    attempts: int
    origin: str | None
    is_exercise: bool

    @classmethod
    def columns(cls) -> list[ColumnElement[Any]]:
        """The columns to select."""
        its_own = [getattr(Message, name) for name in cls._fields if hasattr(Message, name)]
        return [*its_own, Contact.origin, _IS_EXERCISE]


class OpenOrigins(NamedTuple):
    """Origins to which messages may be started now; exercises send nothing outside, so they are always open.

    Args:
        shut: origins to which no message may be started.
        known: origins with a known kind.
        is_new: whether messages may be started to all others.
    """

    shut: Collection[str] = ()
    known: Collection[str] = ()
    is_new: bool = True

    def values(self) -> dict[str, Any]:
        """Return the values of the condition by name."""
        return {"shut": list(self.shut), "known": () if self.is_new else list(self.known), "is_new": self.is_new}


def _due(holds_up: ColumnElement[bool]) -> Select[Any]:
    """Return the condition on due messages whose contact and provider can accept them, in order.

    An earlier message of the same incident to the same contact precedes it, when it `holds_up`; one that is due later
    and was never tried delays nothing.
    """
    is_held_up = exists().where(
        _EARLIER.contact_id == Message.contact_id,
        _EARLIER.incident_id == Message.incident_id,
        _EARLIER.id < Message.id,
        text("earlier.state IN ('pending', 'sending')"),
        holds_up,
    )
    is_free = and_(
        Message.contact_id.not_in(select(BucketRow.contact_id).where(buckets.IS_EMPTY)),
        or_(Contact.origin.is_(None), Contact.origin.not_in(_LEFT_ALONE)),
    )
    return (
        select(*DueMessage.columns())
        .join(Contact, Contact.id == Message.contact_id)
        .where(WAITING, Message.next_attempt_at <= _NOW, or_(is_free, _IS_EXERCISE), ~is_held_up)
    )


_SINGLY = _due(or_(_EARLIER.attempts > 0, _EARLIER.next_attempt_at <= _NOW))
_TOGETHER = _due(and_(_EARLIER.attempts > 0, _EARLIER.next_attempt_at > _NOW))  # messages that are due are included
_LOCKED: dict[str, Any] = {"skip_locked": True, "of": Message}
_HAS_DUE = _SINGLY.with_only_columns(Message.id).limit(1)
_OLDEST = _SINGLY.with_only_columns(Message.next_attempt_at).order_by(Message.next_attempt_at).limit(1)
_IS_OPEN = or_(
    Contact.origin.is_(None),
    and_(
        Contact.origin.not_in(bindparam("shut", expanding=True)),
        or_(bindparam("is_new", type_=Boolean()), Contact.origin.in_(bindparam("known", expanding=True))),
    ),
    _IS_EXERCISE,
)
_FREE = _SINGLY.where(
    Message.contact_id.not_in(bindparam("busy", expanding=True)),
    Message.id.not_in(bindparam("chosen", expanding=True)),
)
_FEW = (
    _FREE.where(_IS_OPEN)
    .order_by(Message.next_attempt_at, Message.id)
    .limit(bindparam("most"))
    .with_for_update(**_LOCKED)
)
_NEWEST = (
    _FREE.where(Contact.origin.not_in(bindparam("known", expanding=True)), ~_IS_EXERCISE)
    .order_by(Message.next_attempt_at.desc(), Message.id.desc())
    .limit(bindparam("most"))
    .with_for_update(**_LOCKED)
)
_OF_CONTACT = (
    _TOGETHER.where(Message.contact_id == bindparam("of_contact"), ~_IS_EXERCISE)
    .order_by(Message.id)
    .limit(bindparam("most"))
    .with_for_update(**_LOCKED)
)
_STRANDED = (
    select(Message)
    .join(Contact, Contact.id == Message.contact_id)
    .where(
        WAITING,
        Message.state == "pending",
        Message.next_attempt_at <= _NOW,
        Message.passed_on_at.is_(None),
        Contact.origin.in_(_LEFT_ALONE),
        ~_IS_EXERCISE,
    )
    .order_by(Message.next_attempt_at, Message.id)
    .limit(bindparam("most"))
)
_STRANDED_LOCKED = _STRANDED.with_for_update(**_LOCKED)
_STRANDED_ID = _STRANDED.with_only_columns(Message.id)


def _at(now: dt.datetime, **more: Any) -> dict[str, Any]:
    return circuits.open_at(now) | buckets.empty_at(now) | more


def due_messages(
    now: dt.datetime, limit: int, busy_contacts: Collection[int], chosen: Collection[int], is_open: OpenOrigins
) -> Sequence[DueMessage]:
    """Lock and return messages to send now, the longest waiting first.

    A message in state `sending` whose `next_attempt_at` has passed was left by a process that died: it is due again.

    Args:
        now: the moment.
        limit: the maximum number.
        busy_contacts: contacts that use all the sending slots they may.
        chosen: messages that were chosen already.
        is_open: the open origins.
    """
    parameters = _at(now, most=limit, busy=list(busy_contacts), chosen=list(chosen), **is_open.values())
    return [DueMessage(*row) for row in db.session.connection().execute(_FEW, parameters)]


def newest_to_others(
    now: dt.datetime, limit: int, busy_contacts: Collection[int], chosen: Collection[int], known: Collection[str]
) -> Sequence[DueMessage]:
    """Lock and return messages to send now to unknown origins, the latest due first."""
    parameters = _at(now, most=limit, busy=list(busy_contacts), chosen=list(chosen), known=list(known))
    return [DueMessage(*row) for row in db.session.connection().execute(_NEWEST, parameters)]


def due_to(contact_id: int, now: dt.datetime, limit: int) -> Sequence[DueMessage]:
    """Lock and return the messages that one contact could receive together now, oldest first; no exercises."""
    parameters = _at(now, most=limit, of_contact=contact_id)
    return [DueMessage(*row) for row in db.session.connection().execute(_OF_CONTACT, parameters)]


def has_due(now: dt.datetime) -> bool:
    """Whether any message is due now, or must be sent to another contact."""
    connection = db.session.connection()
    if connection.execute(_HAS_DUE, _at(now)).first() is not None:
        return True
    return has_open_circuit(now) and connection.execute(_STRANDED_ID, _at(now, most=1)).first() is not None


def oldest_sendable_at(now: dt.datetime) -> dt.datetime | None:
    """Return since when the oldest message that could be sent now is due."""
    return db.session.scalar(_OLDEST, _at(now))


def behind_open_circuit(now: dt.datetime, limit: int) -> Sequence[Message]:
    """Lock and return due messages behind an open circuit that were not sent to another contact yet."""
    if not has_open_circuit(now):  # the usual case: the query would scan all due messages
        return ()
    return db.session.scalars(_STRANDED_LOCKED, _at(now, most=limit)).all()


def contacts_behind_open_circuit(contact_ids: Collection[int], now: dt.datetime) -> frozenset[int]:
    """Return those of the contacts whose provider's circuit is open now."""
    if not contact_ids:
        return frozenset()
    wanted = select(Contact.id).where(Contact.id.in_(list(contact_ids)), Contact.origin.in_(_LEFT_ALONE))
    return frozenset(db.session.scalars(wanted, circuits.open_at(now)))
