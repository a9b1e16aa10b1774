"""Sending messages: an attempt is written before the send and finished after; the send itself is in jobs/."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from incident.actions import fallback
from incident.actions.choosing import Group, choose
from incident.actions.contacts import bundle_to, message_to
from incident.actions.outcomes import SENDER, Ended, finish
from incident.actions.post import Post
from incident.actions.telling import DECLINED, REMINDER, TASK_CREATED
from incident.actions.transaction import transaction
from incident.core.bundle import gathered
from incident.core.escalation import Tell, next_after
from incident.core.message import DeliveryError, Facts, Message, MessageType, TaskFacts
from incident.core.policy import Policy
from incident.keyring import KeyRing
from incident.store import due, messages
from incident.store.database import db
from incident.store.departments import Contact, Department
from incident.store.incidents import Incident
from incident.store.messages import Delivery
from incident.store.messages import Message as Row
from incident.store.notices import Notice
from incident.store.tasks import Task

__all__ = [
    "LEASE",
    "SENDER",
    "Ended",
    "Sending",
    "acknowledge_token",
    "begin",
    "facts_of",
    "finish",
    "message_of_token",
]

T = TypeVar("T")

LEASE = dt.timedelta(seconds=30)
"""How long an attempt may take before it counts as left by a process that died; a send is cut at 10 s."""


@dataclass(frozen=True)
class Sending:
    """One message that is to be sent now, with an attempt written for each that it stands for.

    Of an exercise, and in a demonstration, it is not `is_leaving` the machine.
    """

    delivery_ids: tuple[int, ...]
    contact_id: int
    message: Message
    is_leaving: bool = True


def acknowledge_token(ring: KeyRing, webhook_id: str) -> str:
    """Return the token of a message's acknowledge link: the message, signed."""
    return f"{webhook_id}.{ring.sign(webhook_id)}"


def message_of_token(ring: KeyRing, token: str) -> str | None:
    """Return the `webhook-id` of the message whose link this is, None when the token was not made here."""
    webhook_id, _, signature = token.partition(".")
    return webhook_id if ring.is_signed(webhook_id, signature) else None


def begin(now: dt.datetime, limit: int, in_flight: Iterable[int], post: Post) -> list[Sending]:
    """Write an attempt for each message that is due, and return what is to be sent.

    Args:
        now: the moment (UTC).
        limit: how many sending slots are free.
        in_flight: the contact of each slot in use, so that none gets more than it may.
        post: what messages are made with.
    """
    if limit < 1 or not _has_due(now):
        return []
    with transaction(SENDER, now) as deed:
        fallback.pass_on_stranded(deed)
        chosen = choose(now, limit, list(in_flight), post.manners)
        claimed = [(group, _claim_group(group, now)) for group in chosen.groups]
    written = [_written(group, attempts, post, now) for group, attempts in claimed if attempts]
    chosen.around.clear()  # until here it kept in memory what the messages tell of
    return [sending for sending in written if sending is not None]


def _has_due(now: dt.datetime) -> bool:
    """Look before writing: what waits for its time must not stand in the way of those who write."""
    next_at = messages.next_message_at()
    is_so = next_at is not None and next_at <= now and due.has_due(now)
    db.session.rollback()
    return is_so


Claimed = tuple[Delivery, Row]


def _claim_group(group: Group, now: dt.datetime) -> list[Claimed]:
    bundle_id = f"bundle_{uuid.uuid4().hex}" if group.is_bundle else None
    claimed = [(_claim(row, group.contact, now, bundle_id), row) for row in group.rows]
    return [(delivery, row) for delivery, row in claimed if delivery is not None]


def _claim(row: Row, contact: Contact, now: dt.datetime, bundle_id: str | None) -> Delivery | None:
    if contact.switched_off_at is not None:
        row.state, row.ended_at, row.fault = "cancelled", now, contact.switched_off_why
        return None
    if row.state == "sending":
        messages.mark_unknown(row.id, now)
    row.state, row.attempts, row.next_attempt_at = "sending", row.attempts + 1, now + LEASE
    delivery = Delivery(message_id=row.id, attempt=row.attempts, began_at=now, bundle_id=bundle_id)
    db.session.add(delivery)
    return delivery


def _written(group: Group, claimed: list[Claimed], post: Post, now: dt.datetime) -> Sending | None:
    """Write a message; one that cannot be written counts as a failed attempt and holds up no other."""
    sound, told = [], []
    for delivery, row in claimed:
        facts = _unless_faulty([delivery], partial(facts_of, row, post, group.contact.language), now)
        if facts is not None:
            sound.append((delivery, row))
            told.append(facts)
    if not sound:
        return None
    deliveries = [delivery for delivery, _ in sound]
    return _unless_faulty(deliveries, partial(_write, group, sound, told, post, now), now)


def _unless_faulty(deliveries: list[Delivery], write: Callable[[], T], now: dt.datetime) -> T | None:
    try:
        return write()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  # such as a secret that no key opens, or a fault in a text
        db.session.rollback()
        fault = DeliveryError(f"cannot be written: {type(error).__name__}", permanent=False, is_alive=True)
        finish([Ended(tuple(one.id for one in deliveries), fault, 0.0, now)], now)
        return None


def _write(group: Group, claimed: list[Claimed], told: list[Facts], post: Post, now: dt.datetime) -> Sending:
    contact, (delivery, row) = group.contact, claimed[0]
    ids = tuple(one.id for one, _ in claimed)
    if group.is_bundle and len(claimed) > 1:
        most = post.manners[contact.channel].named_most
        bundle = gathered(told, f"{post.public_url}/inbox", most)
        return Sending(ids, contact.id, bundle_to(contact, bundle, post, now, delivery.bundle_id or row.webhook_id))
    message = message_to(
        contact,
        told[0],
        post,
        now,
        webhook_id=row.webhook_id,
        kind=_type_of(row),
        at=row.created_at,
    )
    return Sending(ids, contact.id, message, is_leaving=not told[0].is_exercise)


def facts_of(row: Row, post: Post, language: str) -> Facts:
    """Gather what the texts of a message are made from."""
    notice = db.session.get_one(Notice, row.notice_id)
    incident = db.session.get_one(Incident, row.incident_id)
    department = db.session.get_one(Department, notice.department_id)
    task = db.session.get(Task, row.task_id) if row.task_id is not None else None
    return Facts(
        type=_kind_of(row, notice),
        at=row.created_at,
        department=department.name,
        incident=incident.number,
        title=incident.title,
        grade=incident.grade,
        category=post.category(incident.category, language),
        tlp=incident.tlp,
        level=row.level,
        round=row.round,
        next_at=_next_level_at(notice),
        notice=notice.id,
        acknowledge_url=None
        if row.type == DECLINED  # it goes to the coordinator, who does not answer for the department
        else f"{post.public_url}/acknowledge/{acknowledge_token(post.ring, row.webhook_id)}",
        incident_url=f"{post.public_url}/incidents/{incident.number}",
        task=None if task is None else TaskFacts(task.title, task.due_at, task.why),
        timezone=post.timezone,
        is_exercise=incident.is_exercise,
        reason=notice.reason if row.type == DECLINED else None,
    )


def _next_level_at(notice: Notice) -> dt.datetime | None:
    """When somebody else is told, None when this was the last."""
    if notice.next_at is None:
        return None
    step = next_after(Policy.from_json(notice.policy), notice.level, notice.round, notice.next_at)
    return notice.next_at if isinstance(step, Tell) else None


OF_THEIR_OWN: dict[str, MessageType] = {
    TASK_CREATED: "task.created",
    DECLINED: "notice.declined",
    REMINDER: "notice.reminder",
}
"""Messages that do not ask for an acknowledgement."""


def _type_of(row: Row) -> MessageType:
    """What a machine is told that it is."""
    return OF_THEIR_OWN.get(row.type, "notice.created")


def _kind_of(row: Row, notice: Notice) -> MessageType:
    """What the words are about; a webhook is told `notice.created` at every level, people read that it went up.

    Where the levels before were passed over when the notice was opened, nobody was asked in vain.
    """
    if row.type in OF_THEIR_OWN:
        return OF_THEIR_OWN[row.type]
    is_first = (row.level, row.round) == (1, 1) or row.created_at == notice.opened_at
    return "notice.created" if is_first else "notice.escalated"
