"""Representations of subscriptions and their deliveries in the API."""

from collections.abc import Mapping, Sequence

from incident.core.values.moment import format_moment
from incident.store.delivery.subscriptions import EventCounts, QueuedEvent, Subscription, event_counts, last_attempts
from incident.web.api.document_parts import Document, moment


def subscription_documents(rows: Sequence[Subscription]) -> list[Document]:
    """Serialize subscriptions without their secrets, each with the counts of its events."""
    counts = event_counts()
    return [_document(row, counts) for row in rows]


def subscription_document(row: Subscription) -> Document:
    """Serialize one subscription."""
    return subscription_documents([row])[0]


def _document(row: Subscription, counts: Mapping[int, EventCounts]) -> Document:
    its = counts.get(row.id, EventCounts())
    return {
        "id": row.id,
        "name": row.name,
        "url": row.url,
        "events": row.events,
        "filter": row.filter,
        "state": row.state,
        "paused_at": moment(row.paused_at),
        "paused_why": row.paused_why,
        "fault": row.fault,
        "failing_since": moment(row.failing_since_at),
        "delivered_at": moment(row.delivered_at),
        "waiting": its.waiting,
        "dead": its.dead,
        "old_secret_ends_at": moment(row.old_secret_ends_at),
        "created_at": format_moment(row.created_at),
        "created_by": row.created_by,
    }


def event_documents(rows: Sequence[QueuedEvent]) -> list[Document]:
    """Serialize events of the log, each with its last answer."""
    attempts = last_attempts([row.id for row in rows])
    return [
        {
            "id": row.id,
            "webhook_id": row.webhook_id,
            "type": row.type,
            "seq": row.seq,
            "incident": row.incident,
            "at": format_moment(row.at),
            "state": row.state,
            "attempts": row.attempts,
            "attempted_at": moment(last.began_at) if last else None,
            "next_attempt_at": moment(row.next_attempt_at) if row.state in ("pending", "sending") else None,
            "ended_at": moment(row.ended_at),
            "answer": last.detail if last else None,
        }
        for row in rows
        for last in [attempts.get(row.id)]
    ]
