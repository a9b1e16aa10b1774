"""Queues entries of the journal as events of subscriptions: each follows the journal in order, by its own position.

An entry is in the journal with the transaction that it is about, and the position moves in the transaction that queues
the event: a process that dies in between loses nothing and queues nothing twice (ADR 30).
"""

import datetime as dt
import json
import secrets
from collections.abc import Collection, Mapping, Sequence

from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.delivery.subscription import SharedEvent, SharedIncident, SubscriptionFilter, event_data, is_wanted
from incident.core.journal.log_export import reference
from incident.core.values.affiliation import is_in_region
from incident.store.db.database import db, to_json
from incident.store.delivery import subscriptions
from incident.store.delivery.subscriptions import QueuedEvent, Subscription
from incident.store.journal import exports
from incident.store.journal.journal import Entry
from incident.store.queries import red_runs, shared_incidents

QUEUE = "subscriptions"
"""The actor of transactions that queue and deliver events."""

BATCH = 300
"""Entries of the journal that are considered in one transaction."""


CHANGES = frozenset({"incident.changed", "incident.grade_decided"})
"""Types of entries that name the changed facts of an incident."""


def queue_events(public_url: str, now: dt.datetime) -> int:
    """Queue the next events of each active subscription; return how many entries were considered.

    Args:
        public_url: that of the instance, for links to incidents.
        now: when (UTC).
    """
    behind = subscriptions.subscriptions_behind()
    db.session.rollback()
    return sum(_queue_for(subscription_id, public_url, now) for subscription_id in behind)


def _queue_for(subscription_id: int, public_url: str, now: dt.datetime) -> int:
    with transaction(QUEUE, now) as uow:
        row = subscriptions.lock_subscription(subscription_id, is_skipped=True)
        if row is None or row.state != "active":
            return 0
        entries = exports.entries_after(row.seq, BATCH)
        if not entries:
            return 0
        wanted = [one for one in entries if is_wanted(row.events, one.event_type)]
        for event in _shared(row, wanted) if wanted else ():
            _queue(uow, row, event, public_url)
        row.seq = entries[-1].seq
        return len(entries)


def _queue(uow: UnitOfWork, row: Subscription, event: SharedEvent, public_url: str) -> None:
    uow.insert(
        QueuedEvent,
        webhook_id=f"evt_{secrets.token_urlsafe(16)}",
        subscription_id=row.id,
        seq=event.seq,
        type=event.type,
        incident=None if event.incident is None else event.incident.number,
        at=event.at,
        data=to_json(event_data(event, public_url)),
        created_at=uow.now,
        next_attempt_at=uow.now,
    )


def _shared(row: Subscription, entries: Sequence[Entry]) -> list[SharedEvent]:
    """Return those of the entries that the subscription may get and wants, as events."""
    chosen = SubscriptionFilter.from_json(row.filter)
    known = shared_incidents.shared_incidents({one.incident for one in entries if one.incident is not None})
    red = red_runs.audiences({one.subject for one in entries})
    return [
        _event(one, known)
        for one in entries
        if one.subject not in red and (one.incident is None or one.incident in known) and _admits(chosen, one, known)
    ]


def _admits(chosen: SubscriptionFilter, entry: Entry, known: Mapping[str, SharedIncident]) -> bool:
    incident = None if entry.incident is None else known[entry.incident]
    return chosen.admits(incident, () if incident is None else _around(incident.region, chosen.regions))


def _around(region: str | None, wanted: Collection[str]) -> list[str]:
    return [one for one in wanted if is_in_region(region, one)]


def _event(entry: Entry, known: Mapping[str, SharedIncident]) -> SharedEvent:
    return SharedEvent(
        seq=entry.seq,
        type=entry.event_type,
        at=entry.at,
        actor=reference(entry.actor),
        subject=reference(entry.subject),
        incident=None if entry.incident is None else known[entry.incident],
        changed=_changed_names(entry),
    )


def _changed_names(entry: Entry) -> tuple[str, ...]:
    """Return the names of the facts that a change of an incident has set, not their values."""
    if entry.event_type not in CHANGES:
        return ()
    return tuple(sorted(json.loads(entry.detail).get("after") or {}))
