"""Results of delivery attempts, for the message, its contact, and its provider."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from incident.actions.delivery import fallback
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.delivery import circuit as rules
from incident.core.delivery.retry import next_attempt_at
from incident.core.notifications.message import Accepted, DeliveryError
from incident.store.db.database import db
from incident.store.delivery import attempts, circuits
from incident.store.delivery.attempts import Attempt, AttemptResult
from incident.store.delivery.circuits import Circuit
from incident.store.directory.departments import Contact
from incident.store.notifications import messages
from incident.store.notifications.messages import Message

SENDER = "delivery"
"""The actor of delivery events."""

FAILED = "failed"
"""The stored result of an attempt that was not accepted."""


@dataclass(frozen=True)
class DeliveryResult:
    """Result of sending one message or bundle.

    `jitter` is drawn from -1 to 1, so that retries of many messages spread; `at` is when it ended (UTC).
    """

    delivery_ids: tuple[int, ...]
    outcome: Accepted | DeliveryError
    jitter: float
    at: dt.datetime


def record_results(ended: Sequence[DeliveryResult], now: dt.datetime) -> None:
    """Store the results of attempts, all in one transaction.

    Args:
        ended: the attempts.
        now: the moment (UTC).
    """
    with transaction(SENDER, now) as uow:
        found = attempts.attempts([one_id for one in ended for one_id in one.delivery_ids])
        _judge_providers(uow, ended, found)
        each = [(found[one_id], one) for one in ended for one_id in one.delivery_ids]
        ends = [AttemptResult(attempt, one.at, _word(one.outcome), one.outcome.detail) for attempt, one in each]
        attempts.end_attempts(ends)
        sent = [end for end in ends if end.attempt.is_last and end.outcome != FAILED]
        attempts.mark_sent(sent)
        for end in sent:
            _enter(uow, end.attempt, "message.accepted", end.detail)
        for attempt, one in each:
            if isinstance(one.outcome, DeliveryError) and attempt.is_last and attempt.state == "sending":
                _fail(uow, attempt, one.outcome, one.jitter)


def release_claims(delivery_ids: Collection[int], now: dt.datetime) -> None:
    """Undo attempts that were written but not made, so that their messages are due again.

    Args:
        delivery_ids: the attempts.
        now: the moment (UTC).
    """
    with transaction(SENDER, now):
        attempts.withdraw_attempts(delivery_ids, now)


def _word(outcome: Accepted | DeliveryError) -> str:
    """Return the stored result of an attempt: `accepted` by the next hop is not yet `delivered`."""
    if isinstance(outcome, DeliveryError):
        return FAILED
    return "delivered" if outcome.is_delivered else "accepted"


def _fail(uow: UnitOfWork, attempt: Attempt, error: DeliveryError, jitter: float) -> None:
    row = messages.reload_message(attempt.message_id)
    row.fault = error.detail
    again_at = None if error.permanent else _again_at(row, uow.now, jitter, error.retry_after)
    if again_at is not None:
        row.state, row.next_attempt_at = "pending", again_at
        uow.wake_scheduler(again_at)
        if row.attempts == 1:
            _enter(uow, attempt, "message.failed", error.detail)
        return
    row.state, row.ended_at = ("refused" if error.permanent else "given_up"), uow.now
    _enter(uow, attempt, f"message.{row.state}", error.detail)
    if error.is_gone:
        _switch_off(uow, db.session.get_one(Contact, attempt.contact_id), error.detail)
    fallback.use_next_channel(uow, row)


def _switch_off(uow: UnitOfWork, contact: Contact, why: str) -> None:
    if contact.switched_off_at is None:
        contact.switched_off_at, contact.switched_off_why = uow.now, why
        uow.record("contact.switched_off", f"contact:{contact.id}", {"name": contact.name, "why": why})


def _again_at(row: Message, now: dt.datetime, jitter: float, retry_after: float | None) -> dt.datetime | None:
    """Return when a message is retried; after a manual retry the pauses start short again."""
    tries, since = row.attempts, row.created_at
    if row.retried_from_at is not None:
        since = row.retried_from_at
        tries = max(1, messages.tries_since(row.id, since))
    return next_attempt_at(tries, since, now, jitter, retry_after)


def _enter(uow: UnitOfWork, attempt: Attempt, event_type: str, detail: str) -> None:
    details = {
        "contact": attempt.contact,
        "channel": attempt.channel,
        "level": attempt.level,
        "attempt": attempt.attempts,
    }
    if attempt.bundle_id is not None:
        details["bundle"] = attempt.bundle_id
    uow.record(event_type, f"message:{attempt.webhook_id}", details | {"answer": detail}, attempt.number)


def _judge_providers(uow: UnitOfWork, ended: Sequence[DeliveryResult], found: Mapping[int, Attempt]) -> None:
    """Update the circuits: consecutive failures open a provider's circuit, an answer closes it."""
    judged = [(one, found[one.delivery_ids[0]]) for one in ended]
    judged = [(one, first) for one, first in judged if not first.is_exercise and first.origin is not None]
    locked = circuits.lock_circuits({first.origin for _, first in judged if first.origin})
    for one, first in judged:
        origin = first.origin or ""
        if isinstance(one.outcome, DeliveryError) and not one.outcome.is_alive:
            locked[origin] = _failed(uow, locked.get(origin), origin, one, first.began_at)
        elif (row := locked.pop(origin, None)) is not None:
            _closed(uow, row)


def _failed(uow: UnitOfWork, row: Circuit | None, origin: str, ended: DeliveryResult, began_at: dt.datetime) -> Circuit:
    before = None if row is None else row.state
    after = rules.failed(before, began_at, uow.now)
    if row is None:
        circuits.begin_circuit(origin, after)
        [row] = circuits.lock_circuits({origin}).values()
    row.state, row.fault = after, ended.outcome.detail
    if after.is_open and (before is None or not before.is_open):
        detail = {"origin": origin, "failures": after.failures, "fault": ended.outcome.detail}
        uow.record("circuit.opened", f"circuit:{origin}", detail)
    return row


def _closed(uow: UnitOfWork, row: Circuit) -> None:
    if row.opened_at is not None:
        opened_at = row.opened_at.isoformat()
        uow.record("circuit.closed", f"circuit:{row.origin}", {"origin": row.origin, "opened_at": opened_at})
        uow.wake_scheduler()  # messages that waited for it
    db.session.delete(row)
    db.session.flush()
