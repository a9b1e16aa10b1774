"""Delivering events to subscriptions: an attempt is written before sending and completed after, as for messages."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incident.actions.delivery.deliver import LEASE
from incident.actions.delivery.event_queue import QUEUE
from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.delivery.outcomes import FAILED, outcome_word, retry_at
from incident.actions.delivery.provider_circuits import ProviderResult, judge_providers
from incident.actions.delivery.subscriptions import message_for, pause_failing
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.delivery import circuit
from incident.core.delivery.subscription import SubscriptionFilter, is_hopeless
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.keyring import SealBroken
from incident.store.db.database import db
from incident.store.delivery import circuits, subscriptions
from incident.store.delivery.attempts import EndedAttempt
from incident.store.delivery.subscriptions import EVENT_LOG, EventAttempt, QueuedEvent, Subscription
from incident.store.operations import instance
from incident.store.queries.shared_incidents import sharing_of

PER_SUBSCRIPTION = 4
"""Maximum number of sending slots for one subscription."""


@dataclass(frozen=True)
class OutgoingEvent:
    """One event to send now; in a demonstration it is not `is_leaving` the machine."""

    attempt_id: int
    subscription_id: int
    message: Message
    is_leaving: bool = True


@dataclass(frozen=True)
class EventResult:
    """Result of one attempt; `jitter` is drawn from -1 to 1, `at` is when it ended (UTC)."""

    attempt_id: int
    outcome: Accepted | DeliveryError
    jitter: float
    at: dt.datetime


def claim_events(now: dt.datetime, limit: int, in_flight: Sequence[int], post: MessageRenderer) -> list[OutgoingEvent]:
    """Write an attempt for each event that is due, and return the events to send.

    Args:
        now: the moment (UTC).
        limit: the number of free sending slots.
        in_flight: the subscription of each slot in use.
        post: has the key ring for secrets.
    """
    used = Counter(in_flight)
    busy = [one for one, count in used.items() if count >= PER_SUBSCRIPTION]
    due = subscriptions.subscriptions_due(now, busy) if limit > 0 else ()
    db.session.rollback()
    if not due:
        return []
    with transaction(QUEUE, now):
        claimed = list(_claim_each(due, used, now, limit))
        stays = bool(claimed) and bool(instance.instance_setting("is_demonstration"))
    written = [_message_of(row, event, attempt_id, post, now) for row, event, attempt_id in claimed]
    return [
        OutgoingEvent(attempt_id, row.id, message, not stays)
        for (row, _event, attempt_id), message in zip(claimed, written, strict=True)
        if message is not None
    ]


Claimed = tuple[Subscription, QueuedEvent, int]


def _claim_each(due: Sequence[int], used: Counter[int], now: dt.datetime, limit: int) -> Iterable[Claimed]:
    left = limit
    for place, subscription_id in enumerate(due):
        row = subscriptions.lock_subscription(subscription_id, is_skipped=True)
        if left < 1 or row is None or row.state != "active":
            continue
        share = max(1, left // (len(due) - place))  # no subscription takes the slots of all others
        most = min(share, PER_SUBSCRIPTION - used[row.id])
        if (locked := circuits.lock_open_circuits({row.origin}).get(row.origin)) is not None:
            if not circuit.allows_call(locked.state, now):
                continue
            locked.state, most = circuit.probed(locked.state, now), 1
        events = _still_shared(row, subscriptions.due_events(row.id, now, most), now)
        left -= len(events)
        yield from _begun(row, events, now)


def _still_shared(row: Subscription, events: Sequence[QueuedEvent], now: dt.datetime) -> list[QueuedEvent]:
    """Cancel events of incidents that may no longer be shared, such as one that became TLP:RED meanwhile."""
    chosen = SubscriptionFilter.from_json(row.filter)
    known = sharing_of({one.incident for one in events if one.incident is not None})
    kept = []
    for event in events:
        tlp, is_exercise = known.get(event.incident or "", ("clear", False))
        if chosen.may_share(tlp, is_exercise=is_exercise):
            kept.append(event)
        else:
            event.state, event.ended_at, event.data = "cancelled", now, "{}"
    return kept


def _begun(row: Subscription, events: Sequence[QueuedEvent], now: dt.datetime) -> list[Claimed]:
    if not events:
        return []
    ids = [event.id for event in events]
    db.session.flush()
    EVENT_LOG.mark_unknown([event.id for event in events if event.state == "sending"], now)
    EVENT_LOG.begin(ids, now + LEASE)
    attempts = EVENT_LOG.insert(ids, now)
    return [(row, event, attempts[event.id]) for event in events]


def _message_of(
    row: Subscription, event: QueuedEvent, attempt_id: int, post: MessageRenderer, now: dt.datetime
) -> Message | None:
    """Return the message; when the secret does not open, the attempt has failed."""
    try:
        return message_for(
            row, post.ring, now, webhook_id=event.webhook_id, kind=event.type, at=event.at, data=json.loads(event.data)
        )
    except SealBroken as broken:
        fault = DeliveryError(f"cannot be signed: {broken}", permanent=False, is_alive=True)
        record_event_results([EventResult(attempt_id, fault, 0.0, now)], now)
        return None


def record_event_results(ended: Sequence[EventResult], now: dt.datetime) -> None:
    """Store the results of attempts, all in one transaction; those of a removed subscription are forgotten."""
    ids = [one.attempt_id for one in ended]
    with transaction(QUEUE, now) as uow:
        locked = {id_: subscriptions.lock_subscription(id_) for id_ in subscriptions.subscriptions_of(ids)}
        known = subscriptions.attempts_with_events(ids)  # as they are behind the locks
        there = list[tuple[EventResult, EventAttempt, QueuedEvent, Subscription]]()
        for one in filter(lambda one: one.attempt_id in known, ended):
            attempt, event = known[one.attempt_id]
            row = locked[event.subscription_id]
            if row is not None:
                there.append((one, attempt, event, row))
        judge_providers(
            uow,
            [
                ProviderResult(row.origin, one.outcome, attempt.began_at)
                for one, attempt, _, row in there
                if not isinstance(one.outcome, Accepted) or one.outcome.is_delivered  # not in a demonstration
            ],
        )
        EVENT_LOG.end(
            [
                EndedAttempt(attempt.id, event.id, one.at, outcome_word(one.outcome), one.outcome.detail)
                for one, attempt, event, _ in there
            ]
        )
        for one, attempt, event, row in there:
            if event.attempts == attempt.attempt and event.state in ("sending", "cancelled"):
                _record_outcome(uow, row, event, one)


def _record_outcome(uow: UnitOfWork, row: Subscription, event: QueuedEvent, ended: EventResult) -> None:
    if outcome_word(ended.outcome) != FAILED:
        event.state, event.ended_at, event.fault = "sent", ended.at, None
        row.failing_since_at, row.delivered_at = None, ended.at
    elif isinstance(ended.outcome, DeliveryError) and event.state == "sending":
        _fail(uow, row, event, ended.outcome, ended.jitter)


def _fail(uow: UnitOfWork, row: Subscription, event: QueuedEvent, error: DeliveryError, jitter: float) -> None:
    event.fault = error.detail
    row.failing_since_at = row.failing_since_at or uow.now
    again_at = None
    if not error.permanent:
        again_at = retry_at(event, EVENT_LOG.tries_since, uow.now, jitter, error.retry_after)
    if again_at is not None:
        event.state, event.next_attempt_at = "pending", again_at
    elif error.is_gone:  # it waits, with all others, for somebody to resume the subscription
        event.state, event.next_attempt_at = "pending", uow.now
    else:
        event.state, event.ended_at = ("refused" if error.permanent else "given_up"), uow.now
    if error.is_gone or is_hopeless(row.failing_since_at, uow.now):
        pause_failing(uow, row, "gone" if error.is_gone else "failing", error.detail)
