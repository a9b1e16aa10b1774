"""Sending messages: an attempt is written before the send and finished after; the send itself is in jobs/."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import InterfaceError, OperationalError

from incident.actions.contacts import message_to
from incident.actions.post import Post
from incident.actions.telling import TASK_CREATED
from incident.actions.transaction import Deed, transaction
from incident.core.escalation import Tell, next_after
from incident.core.message import Accepted, DeliveryError, Facts, Message, MessageType, TaskFacts
from incident.core.policy import Policy
from incident.core.retry import next_attempt_at
from incident.keyring import KeyRing
from incident.store import messages
from incident.store.database import db
from incident.store.departments import Contact, Department
from incident.store.incidents import Incident
from incident.store.messages import Attempt, Delivery
from incident.store.messages import Message as Row
from incident.store.notices import Notice
from incident.store.tasks import Task

SENDER = "delivery"
"""The actor of what happens to a message on its way."""

LEASE = dt.timedelta(seconds=30)
"""How long an attempt may take before it counts as left by a process that died; a send is cut at 10 s."""

PER_CONTACT = 2
"""How many sending slots one contact may hold."""


@dataclass(frozen=True)
class Sending:
    """One attempt that has been written and is to be made now; of an exercise nothing may leave the machine."""

    delivery_id: int
    contact_id: int
    message: Message
    is_exercise: bool = False


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
    with transaction(SENDER, now):
        rows = _choose(now, limit, list(in_flight))
        around = messages.load_around(rows)
        claimed = [(_claim(row, now), row) for row in rows]
    written = [_written(delivery, row, post, now) for delivery, row in claimed if delivery is not None]
    around.clear()  # until here it kept in memory what the messages tell of
    return [sending for sending in written if sending is not None]


def _has_due(now: dt.datetime) -> bool:
    next_at = messages.next_message_at()
    db.session.rollback()
    return next_at is not None and next_at <= now


def _choose(now: dt.datetime, limit: int, in_flight: list[int]) -> list[Row]:
    """Take the longest waiting messages, passing over contacts that hold all the slots they may."""
    chosen: list[Row] = []
    held = list(in_flight)
    busy: set[int] = {contact for contact in held if held.count(contact) >= PER_CONTACT}
    while len(chosen) < limit:
        found = messages.due_messages(now, limit, busy, [row.id for row in chosen])
        for row in found:
            if held.count(row.contact_id) < PER_CONTACT and len(chosen) < limit:
                chosen.append(row)
                held.append(row.contact_id)
        now_busy = {contact for contact in held if held.count(contact) >= PER_CONTACT}
        if len(found) < limit or now_busy == busy:
            return chosen
        busy = now_busy
    return chosen


def _claim(row: Row, now: dt.datetime) -> Delivery | None:
    contact = db.session.get_one(Contact, row.contact_id)
    if contact.switched_off_at is not None:
        row.state, row.ended_at, row.fault = "cancelled", now, contact.switched_off_why
        return None
    if row.state == "sending":
        messages.mark_unknown(row.id, now)
    row.state, row.attempts, row.next_attempt_at = "sending", row.attempts + 1, now + LEASE
    delivery = Delivery(message_id=row.id, attempt=row.attempts, began_at=now)
    db.session.add(delivery)
    return delivery


def _written(delivery: Delivery, row: Row, post: Post, now: dt.datetime) -> Sending | None:
    """Write a message; one that cannot be written counts as a failed attempt and holds up no other."""
    try:
        return _write(delivery, row, post, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  # such as a secret that no key opens, or a fault in a text
        db.session.rollback()
        fault = DeliveryError(f"cannot be written: {type(error).__name__}", permanent=False)
        finish([Ended(delivery.id, fault, 0.0, now)], now)
        return None


def _write(delivery: Delivery, row: Row, post: Post, now: dt.datetime) -> Sending:
    contact = db.session.get_one(Contact, row.contact_id)
    facts = facts_of(row, post, contact.language)
    message = message_to(
        contact,
        facts,
        post,
        now,
        webhook_id=row.webhook_id,
        kind="task.created" if row.type == TASK_CREATED else "notice.created",
        at=row.created_at,
    )
    is_exercise = db.session.get_one(Incident, row.incident_id).is_exercise
    return Sending(delivery.id, contact.id, message, is_exercise)


def facts_of(row: Row, post: Post, language: str) -> Facts:
    """Gather what the texts of a message are made from."""
    notice = db.session.get_one(Notice, row.notice_id)
    incident = db.session.get_one(Incident, row.incident_id)
    department = db.session.get_one(Department, notice.department_id)
    task = db.session.get(Task, row.task_id) if row.task_id is not None else None
    return Facts(
        type=_kind_of(row),
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
        acknowledge_url=f"{post.public_url}/acknowledge/{acknowledge_token(post.ring, row.webhook_id)}",
        incident_url=f"{post.public_url}/incidents/{incident.number}",
        task=None if task is None else TaskFacts(task.title, task.due_at, task.why),
        timezone=post.timezone,
        is_exercise=incident.is_exercise,
    )


def _next_level_at(notice: Notice) -> dt.datetime | None:
    """When somebody else is told, None when this was the last."""
    if notice.next_at is None:
        return None
    step = next_after(Policy.from_json(notice.policy), notice.level, notice.round, notice.next_at)
    return notice.next_at if isinstance(step, Tell) else None


def _kind_of(row: Row) -> MessageType:
    """What the words are about; a webhook is told `notice.created` at every level, people read that it went up."""
    if row.type == TASK_CREATED:
        return "task.created"
    return "notice.created" if (row.level, row.round) == (1, 1) else "notice.escalated"


@dataclass(frozen=True)
class Ended:
    """What became of an attempt.

    `jitter` is drawn from -1 to 1, so that retries of many messages spread; `at` is when it ended (UTC).
    """

    delivery_id: int
    outcome: Accepted | DeliveryError
    jitter: float
    at: dt.datetime


def finish(ended: Sequence[Ended], now: dt.datetime) -> None:
    """Write what became of attempts, all in one transaction.

    Args:
        ended: the attempts.
        now: the moment (UTC).
    """
    with transaction(SENDER, now) as deed:
        found = messages.attempts([one.delivery_id for one in ended])
        for one in ended:
            _finish(deed, one, found[one.delivery_id])


def _finish(deed: Deed, ended: Ended, attempt: Attempt) -> None:
    outcome, delivery, row = ended.outcome, attempt.delivery, attempt.message
    delivery.ended_at, delivery.detail = ended.at, outcome.detail
    delivery.outcome = "accepted" if isinstance(outcome, Accepted) else "failed"
    if row.attempts != delivery.attempt or row.state not in {"sending", "cancelled"}:
        return
    if isinstance(outcome, Accepted):
        row.state, row.ended_at, row.fault = "sent", ended.at, None
        _enter(deed, attempt, "message.accepted", outcome.detail)
    elif row.state == "sending":
        _fail(deed, attempt, outcome, ended.jitter)


def _fail(deed: Deed, attempt: Attempt, error: DeliveryError, jitter: float) -> None:
    row, contact = attempt.message, attempt.contact
    row.fault = error.detail
    again_at = None
    if not error.permanent:
        again_at = next_attempt_at(row.attempts, row.created_at, deed.now, jitter, error.retry_after)
    if again_at is not None:
        row.state, row.next_attempt_at = "pending", again_at
        deed.wake()
        if row.attempts == 1:
            _enter(deed, attempt, "message.failed", error.detail)
        return
    row.state, row.ended_at = ("refused" if error.permanent else "given_up"), deed.now
    _enter(deed, attempt, f"message.{row.state}", error.detail)
    if error.is_gone:
        contact.switched_off_at, contact.switched_off_why = deed.now, error.detail
        deed.enter("contact.switched_off", f"contact:{contact.id}", {"name": contact.name, "why": error.detail})


def _enter(deed: Deed, attempt: Attempt, verb: str, detail: str) -> None:
    row, contact = attempt.message, attempt.contact
    told = {"contact": contact.name, "channel": contact.channel, "level": row.level, "attempt": row.attempts}
    deed.enter(verb, f"message:{row.webhook_id}", told | {"answer": detail}, attempt.number)
