"""Subscriptions of other systems: add, change, pause, resume, secrets, tests, and sending an event again."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.delivery.contacts import word_of
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.delivery.subscription import MAX_SUBSCRIPTIONS
from incident.core.notifications.contact import OLD_SECRET_LIMIT
from incident.core.notifications.message import Accepted, DeliveryError, Message, SharedType
from incident.core.values.faults import RuleError, refuse_stale
from incident.keyring import KeyRing
from incident.outgoing import origin_of
from incident.store.db.database import advisory_lock, db
from incident.store.delivery import subscriptions
from incident.store.delivery.subscriptions import QueuedEvent, Subscription
from incident.store.journal.journal import head

TEST_EVENT = "subscription.test"
"""The type of the event that tests a subscription."""

ENDED = ("sent", "refused", "given_up", "cancelled")
"""States of an event that can be sent again by hand."""


def subscription_place(subscription_id: int, column: str = "sealed_secret") -> str:
    """Return the data that a secret of a subscription is bound to."""
    return f"subscriptions:{subscription_id}:{column}"


def add_subscription(
    given: Mapping[str, Any],
    secret: str,
    ring: KeyRing,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> Subscription:
    """Subscribe an address to the events from now on.

    Args:
        given: `name`, `url`, `events` and `filter` (as stored), all checked.
        secret: signs the events; sealed here.
        ring: seals it.
        by: who.
        now: when (UTC).
        idempotency: the caller's key; the stored response contains the secret.

    Raises:
        RuleError: `subscription.too_many` (conflict).
    """
    with transaction(by, now, idempotency) as uow:
        advisory_lock("subscriptions")
        if subscriptions.count_subscriptions() >= MAX_SUBSCRIPTIONS:
            raise RuleError("subscription.too_many", {"most": MAX_SUBSCRIPTIONS}, kind="conflict")
        last = head()
        seq = 0 if last is None else last.count
        row = Subscription(
            **given, origin=origin_of(given["url"]), seq=seq, sealed_secret="", created_at=now, created_by=by
        )
        db.session.add(row)
        db.session.flush()
        row.sealed_secret = ring.seal(secret, subscription_place(row.id))
        _record(uow, "subscription.added", row, _shown(row))
        uow.store_response(row)
    return row


def change_subscription(
    subscription_id: int, changes: Mapping[str, Any], by: str, now: dt.datetime, version: int | None = None
) -> Subscription:
    """Change `name`, `url`, `events` or `filter`; events that are queued already keep their content.

    Raises:
        RuleError: `subscription.unknown` (not found), `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        row = _locked(subscription_id)
        refuse_stale(row.version, version)
        before = _shown(row)
        for name, value in changes.items():
            setattr(row, name, value)
        row.origin = origin_of(row.url)
        after = _shown(row)
        changed = {name for name in after if after[name] != before[name]} | ({"url"} & changes.keys())
        if changed:
            row.version += 1
            shown = {"changed": sorted(changed), "before": before, "after": after}
            _record(uow, "subscription.changed", row, shown)
    return row


def remove_subscription(subscription_id: int, by: str, now: dt.datetime) -> None:
    """Remove a subscription with its queue and its log; raises RuleError `subscription.unknown` (not found)."""
    with transaction(by, now) as uow:
        row = _locked(subscription_id)
        _record(uow, "subscription.removed", row, _shown(row))
        subscriptions.remove_events(row.id)
        db.session.delete(row)


def pause_subscription(subscription_id: int, by: str, now: dt.datetime) -> Subscription:
    """Stop sending; events wait from here on. Raises RuleError `subscription.unknown`, `subscription.paused`."""
    with transaction(by, now) as uow:
        row = _locked(subscription_id)
        if row.state == "paused":
            raise RuleError("subscription.paused", kind="conflict")
        row.state, row.paused_at, row.paused_why, row.fault = "paused", now, None, None
        row.version += 1
        _record(uow, "subscription.paused", row, {"origin": row.origin, "why": None})
    return row


def pause_failing(uow: UnitOfWork, row: Subscription, why: str, fault: str) -> None:
    """Pause a subscription whose receiver is `gone` or `failing`, within the caller's transaction."""
    if row.state == "paused":
        return
    row.state, row.paused_at, row.paused_why, row.fault = "paused", uow.now, why, fault
    row.version += 1
    _record(uow, "subscription.paused", row, {"origin": row.origin, "why": why, "answer": fault})


def resume_subscription(subscription_id: int, by: str, now: dt.datetime, *, skips_missed: bool = False) -> Subscription:
    """Send again: first what has waited since the pause, or only what happens from now on.

    Args:
        subscription_id: the subscription.
        by: who.
        now: when (UTC).
        skips_missed: leave out everything that happened before now.

    Raises:
        RuleError: `subscription.unknown` (not found), `subscription.active` (conflict).
    """
    with transaction(by, now) as uow:
        row = _locked(subscription_id)
        if row.state != "paused":
            raise RuleError("subscription.active", kind="conflict")
        row.state, row.paused_at, row.paused_why, row.fault = "active", None, None, None
        row.version += 1
        if skips_missed:
            last = head()
            row.seq = row.seq if last is None else last.count
            subscriptions.cancel_events(row.id, now)
        else:
            subscriptions.retry_events(row.id, row.failing_since_at, now)
        row.failing_since_at = None
        _record(uow, "subscription.resumed", row, {"skips_missed": skips_missed})
    return row


def rotate_subscription_secret(
    subscription_id: int,
    secret: str,
    ring: KeyRing,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> Subscription:
    """Give a subscription a new secret; for 24 hours events are signed with the previous one as well.

    Raises:
        RuleError: `subscription.unknown` (not found).
    """
    with transaction(by, now, idempotency) as uow:
        row = _locked(subscription_id)
        before = ring.open(row.sealed_secret, subscription_place(row.id))
        row.old_sealed_secret = ring.seal(before, subscription_place(row.id, "old_sealed_secret"))
        row.old_secret_ends_at = now + OLD_SECRET_LIMIT
        row.sealed_secret = ring.seal(secret, subscription_place(row.id))
        _record(uow, "subscription.secret_changed", row, {"old_secret_ends_at": row.old_secret_ends_at.isoformat()})
        uow.store_response(row)
    return row


def resend_event(subscription_id: int, event_id: int, by: str, now: dt.datetime) -> QueuedEvent:
    """Send an event again under its old `webhook-id` and with the same content, for another day.

    Raises:
        RuleError: `subscription.unknown`, `delivery.unknown` (not found); `delivery.waits`, `delivery.withheld`
            (conflict).
    """
    with transaction(by, now) as uow:
        row = _locked(subscription_id)
        event = db.session.get(QueuedEvent, event_id, with_for_update=True, populate_existing=True)
        if event is None or event.subscription_id != row.id:
            raise RuleError("delivery.unknown", {"id": event_id}, kind="not_found")
        if event.state not in ENDED:
            raise RuleError("delivery.waits", kind="conflict")
        if event.state == "cancelled" and event.data == "{}":
            raise RuleError("delivery.withheld", kind="conflict")
        event.state, event.ended_at = "pending", None
        event.next_attempt_at = event.retried_from_at = now
        _record(
            uow, "subscription.resent", row, {"event": event.type, "seq": event.seq, "webhook_id": event.webhook_id}
        )
    return event


def message_for(
    row: Subscription,
    ring: KeyRing,
    now: dt.datetime,
    *,
    webhook_id: str,
    kind: str,
    at: dt.datetime,
    data: Mapping[str, Any],
) -> Message:
    """Return the signed message of an event; raises SealBroken when a secret does not open."""
    old_secret = None
    if row.old_sealed_secret is not None and row.old_secret_ends_at is not None and row.old_secret_ends_at > now:
        old_secret = ring.open(row.old_sealed_secret, subscription_place(row.id, "old_sealed_secret"))
    return Message(
        webhook_id=webhook_id,
        type=SharedType(kind),
        at=at,
        sent_at=now,
        contact=row.name,
        channel="webhook",
        address=row.url,
        secret=ring.open(row.sealed_secret, subscription_place(row.id)),
        old_secret=old_secret,
        data=data,
    )


def record_subscription_test(
    subscription_id: int, outcome: Accepted | DeliveryError, is_sent: bool, by: str, now: dt.datetime
) -> None:
    """Record the result of a test event.

    Raises:
        RuleError: `subscription.unknown` (not found).
    """
    with transaction(by, now) as uow:
        row = _locked(subscription_id)
        _record(
            uow,
            "subscription.tested",
            row,
            {"is_sent": is_sent, "outcome": word_of(outcome), "answer": outcome.detail},
        )


def _locked(subscription_id: int) -> Subscription:
    row = subscriptions.lock_subscription(subscription_id)
    if row is None:
        raise RuleError("subscription.unknown", {"id": subscription_id}, kind="not_found")
    return row


def _shown(row: Subscription) -> dict[str, Any]:
    """Return the facts of a subscription for the journal; of the address only its origin: the rest may be secret."""
    return {"origin": row.origin, "events": list(row.events), "filter": dict(row.filter)}


def _record(uow: UnitOfWork, event_type: str, row: Subscription, detail: Mapping[str, Any]) -> None:
    uow.record(event_type, f"subscription:{row.id}", {"name": row.name} | dict(detail))
