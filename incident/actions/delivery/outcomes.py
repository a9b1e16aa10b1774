"""Results of delivery attempts, for the message, its contact, and its provider."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from incident.actions.delivery import fallback
from incident.actions.delivery.provider_circuits import ProviderResult, judge_providers
from incident.actions.directory import devices
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.delivery.retry import next_attempt_at
from incident.core.notifications.message import PUSH, Accepted, DeliveryError
from incident.store.db.database import db
from incident.store.delivery import attempts
from incident.store.delivery.attempts import MESSAGE_LOG, Attempt, EndedAttempt
from incident.store.directory.departments import Contact
from incident.store.notifications import messages

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
        _judge(uow, ended, found)
        each = [(found[one_id], one) for one in ended for one_id in one.delivery_ids]
        ends = [_ended(attempt, one) for attempt, one in each]
        MESSAGE_LOG.end(ends)
        sent = [end for end in ends if found[end.attempt_id].is_last and end.outcome != FAILED]
        MESSAGE_LOG.mark_sent(sent)
        for end in sent:
            _enter(uow, found[end.attempt_id], "message.accepted", end.detail)
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
        MESSAGE_LOG.withdraw(delivery_ids, now)


def _ended(attempt: Attempt, result: DeliveryResult) -> EndedAttempt:
    return EndedAttempt(attempt.id, attempt.message_id, result.at, outcome_word(result.outcome), result.outcome.detail)


def outcome_word(outcome: Accepted | DeliveryError) -> str:
    """Return the stored result of an attempt: `accepted` by the next hop is not yet `delivered`."""
    if isinstance(outcome, DeliveryError):
        return FAILED
    return "delivered" if outcome.is_delivered else "accepted"


def _fail(uow: UnitOfWork, attempt: Attempt, error: DeliveryError, jitter: float) -> None:
    row = messages.reload_message(attempt.message_id)
    row.fault = error.detail
    again_at = None
    if not error.permanent:
        again_at = retry_at(row, MESSAGE_LOG.tries_since, uow.now, jitter, error.retry_after)
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
    if contact.channel == PUSH:
        devices.forget(uow, contact, why)
    elif contact.switched_off_at is None:
        contact.switched_off_at, contact.switched_off_why = uow.now, why
        uow.record("contact.switched_off", f"contact:{contact.id}", {"name": contact.name, "why": why})


class Retried(Protocol):
    """A row of an outbox with its attempts so far, and since when they count."""

    id: int
    attempts: int
    created_at: dt.datetime
    retried_from_at: dt.datetime | None


def retry_at(
    row: Retried,
    tries_since: Callable[[int, dt.datetime], int],
    now: dt.datetime,
    jitter: float,
    retry_after: float | None,
) -> dt.datetime | None:
    """Return when a row is sent again, None when it is given up.

    After a manual retry the pauses start short again.

    Args:
        row: the row.
        tries_since: counts its attempts since a moment.
        now: the moment (UTC).
        jitter: drawn from -1 to 1.
        retry_after: the pause (s) that the receiver asked for.
    """
    tries, since = row.attempts, row.created_at
    if row.retried_from_at is not None:
        since = row.retried_from_at
        tries = max(1, tries_since(row.id, since))
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


def _judge(uow: UnitOfWork, ended: Sequence[DeliveryResult], found: Mapping[int, Attempt]) -> None:
    """Judge the providers of real messages; exercises send nothing outside."""
    judged = [(one, found[one.delivery_ids[0]]) for one in ended]
    judge_providers(
        uow,
        [
            ProviderResult(first.origin, one.outcome, first.began_at)
            for one, first in judged
            if not first.is_exercise and first.origin is not None
        ],
    )
