"""Subscriptions of other systems, the events that are queued for them, and each attempt to deliver one."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from incident.store.db.database import Base, db, table_of
from incident.store.delivery import circuits
from incident.store.delivery.attempts import AttemptLog
from incident.store.delivery.circuits import Circuit
from incident.store.journal.journal import JournalHead

WAITING_EVENTS = text("state IN ('pending', 'sending')")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""


class Subscription(Base):
    """An address of another system that gets events; `seq` is the last entry of the journal that was considered.

    `paused_why` is empty when a person paused it, else `gone` or `failing`. `failing_since_at` is the first failure
    after the last success.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (CheckConstraint("state IN ('active', 'paused')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(2048))
    origin: Mapped[str] = mapped_column(String(300))
    events: Mapped[list[Any]]
    filter: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default="active")
    seq: Mapped[int]
    sealed_secret: Mapped[str] = mapped_column(String(400))
    old_sealed_secret: Mapped[str | None] = mapped_column(String(400))
    old_secret_ends_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str] = mapped_column(String(300))
    paused_at: Mapped[dt.datetime | None]
    paused_why: Mapped[str | None] = mapped_column(String(10))
    fault: Mapped[str | None] = mapped_column(String(500))
    failing_since_at: Mapped[dt.datetime | None]
    delivered_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class QueuedEvent(Base):
    """An event for one subscription; it keeps its `webhook-id` and its content on every attempt.

    `incident` is a number. `retried_from_at` is when the day in which it is retried began again.
    """

    __tablename__ = "queued_events"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'refused', 'given_up', 'cancelled')", name="state"),
        UniqueConstraint("subscription_id", "seq"),
        Index(
            "ix_queued_events_due",
            "subscription_id",
            "next_attempt_at",
            "id",
            sqlite_where=WAITING_EVENTS,
            postgresql_where=WAITING_EVENTS,
        ),
        Index(
            "ix_queued_events_in_order",
            "subscription_id",
            "incident",
            "id",
            sqlite_where=WAITING_EVENTS,
            postgresql_where=WAITING_EVENTS,
        ),
        Index("ix_queued_events_subscription_id_id", "subscription_id", "id"),
        Index("ix_queued_events_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(String(64), unique=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    seq: Mapped[int]
    type: Mapped[str] = mapped_column(String(60))
    incident: Mapped[str | None] = mapped_column(String(24))
    at: Mapped[dt.datetime]
    data: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    created_at: Mapped[dt.datetime]
    next_attempt_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[dt.datetime | None]
    fault: Mapped[str | None] = mapped_column(String(500))
    retried_from_at: Mapped[dt.datetime | None]


class EventAttempt(Base):
    """One attempt to deliver an event: written before sending, completed after."""

    __tablename__ = "event_attempts"
    __table_args__ = (Index("ix_event_attempts_event_id_attempt", "event_id", "attempt"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("queued_events.id"))
    attempt: Mapped[int]
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(12))
    detail: Mapped[str | None] = mapped_column(String(500))


EVENT_LOG = AttemptLog(table_of(QueuedEvent), table_of(EventAttempt), "event_id")

_HEAD = select(func.coalesce(func.max(JournalHead.count), 0)).scalar_subquery()
_BEHIND = select(Subscription.id).where(Subscription.state == "active", Subscription.seq < _HEAD)
_HAS_DUE = (
    select(Subscription.id)
    .where(
        Subscription.state == "active",
        Subscription.id.not_in(bindparam("busy", expanding=True)),
        select(QueuedEvent.id)
        .where(
            QueuedEvent.subscription_id == Subscription.id,
            WAITING_EVENTS,
            QueuedEvent.next_attempt_at <= bindparam("now"),
        )
        .exists(),
        Subscription.origin.not_in(select(Circuit.origin).where(circuits.IS_OPEN)),
    )
    .order_by(Subscription.id)
)
_earlier = aliased(QueuedEvent, name="earlier")
_DUE = (
    select(QueuedEvent)
    .where(
        QueuedEvent.subscription_id == bindparam("subscription_id"),
        text("queued_events.state IN ('pending', 'sending')"),
        QueuedEvent.next_attempt_at <= bindparam("now"),
        ~select(_earlier.id)
        .where(
            _earlier.subscription_id == QueuedEvent.subscription_id,
            _earlier.incident == QueuedEvent.incident,
            _earlier.id < QueuedEvent.id,
            text("earlier.state IN ('pending', 'sending')"),
        )
        .exists(),
    )
    .order_by(QueuedEvent.next_attempt_at, QueuedEvent.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=QueuedEvent)
    .execution_options(populate_existing=True)
)


def subscriptions_behind() -> Sequence[int]:
    """Return the active subscriptions that have not considered all entries of the journal."""
    return [row[0] for row in db.session.connection().execute(_BEHIND)]


def subscriptions_due(now: dt.datetime, busy: Collection[int] = ()) -> Sequence[int]:
    """Return the active subscriptions with an event that can be sent now, without those that use all their slots."""
    parameters = circuits.open_at(now) | {"busy": list(busy)}
    return [row[0] for row in db.session.connection().execute(_HAS_DUE, parameters)]


def due_events(subscription_id: int, now: dt.datetime, limit: int) -> Sequence[QueuedEvent]:
    """Lock and return the events of a subscription to send now; one precedes the later ones of its incident."""
    parameters = {"subscription_id": subscription_id, "now": now, "most": limit}
    return db.session.scalars(_DUE, parameters).all()


def lock_subscription(subscription_id: int, *, is_skipped: bool = False) -> Subscription | None:
    """Lock and return a subscription; None when it is gone, or `is_skipped` and another transaction has it."""
    wanted = select(Subscription).where(Subscription.id == subscription_id).with_for_update(skip_locked=is_skipped)
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def subscriptions_of(attempt_ids: Collection[int]) -> Sequence[int]:
    """Return the ids of the subscriptions of attempts, in one order."""
    wanted = select(QueuedEvent.subscription_id).join(EventAttempt, EventAttempt.event_id == QueuedEvent.id)
    wanted = wanted.where(EventAttempt.id.in_(list(attempt_ids))).distinct()
    return db.session.scalars(wanted.order_by(QueuedEvent.subscription_id)).all()


def attempts_with_events(attempt_ids: Collection[int]) -> dict[int, tuple[EventAttempt, QueuedEvent]]:
    """Return those attempts that exist with their events, by the id of the attempt."""
    wanted = select(EventAttempt, QueuedEvent).join(QueuedEvent, QueuedEvent.id == EventAttempt.event_id)
    wanted = wanted.where(EventAttempt.id.in_(list(attempt_ids))).execution_options(populate_existing=True)
    return {attempt.id: (attempt, event) for attempt, event in db.session.execute(wanted)}


def list_subscriptions(after: int | None = None, limit: int | None = None) -> Sequence[Subscription]:
    """Return subscriptions, the oldest first, after the last one of the previous page."""
    wanted = select(Subscription).order_by(Subscription.id).limit(limit)
    return db.session.scalars(wanted if after is None else wanted.where(Subscription.id > after)).all()


def count_subscriptions() -> int:
    """Count all subscriptions."""
    return db.session.scalar(select(func.count()).select_from(Subscription)) or 0


def count_paused() -> int:
    """Count the subscriptions that were paused because their receiver fails or is gone."""
    wanted = select(func.count()).select_from(Subscription).where(Subscription.paused_why.is_not(None))
    return db.session.scalar(wanted) or 0


def events_of(subscription_id: int, before: int | None, limit: int, state: str | None = None) -> Sequence[QueuedEvent]:
    """Return the events of a subscription, the newest first, with ids below the given one."""
    wanted = select(QueuedEvent).where(QueuedEvent.subscription_id == subscription_id)
    if before is not None:
        wanted = wanted.where(QueuedEvent.id < before)
    if state is not None:
        wanted = wanted.where(QueuedEvent.state == state)
    return db.session.scalars(wanted.order_by(QueuedEvent.id.desc()).limit(limit)).all()


class EventCounts(NamedTuple):
    """How many events of a subscription wait, and how many were refused or given up."""

    waiting: int = 0
    dead: int = 0


def event_counts() -> dict[int, EventCounts]:
    """Return the counts of each subscription."""
    wanted = select(QueuedEvent.subscription_id, QueuedEvent.state, func.count()).where(
        QueuedEvent.state.not_in(("sent", "cancelled"))
    )
    found: dict[int, EventCounts] = {}
    for row in db.session.execute(wanted.group_by(QueuedEvent.subscription_id, QueuedEvent.state)):
        before = found.get(row[0], EventCounts())
        is_waiting = row[1] in ("pending", "sending")
        found[row[0]] = EventCounts(before.waiting + is_waiting * row[2], before.dead + (not is_waiting) * row[2])
    return found


def last_attempts(event_ids: Collection[int]) -> dict[int, EventAttempt]:
    """Return the last attempt of each of these events."""
    wanted = select(EventAttempt).where(EventAttempt.event_id.in_(list(event_ids))).order_by(EventAttempt.id)
    return {row.event_id: row for row in db.session.scalars(wanted)} if event_ids else {}


_SKIPPED = (
    update(table_of(QueuedEvent))
    .where(QueuedEvent.subscription_id == bindparam("of_subscription"), WAITING_EVENTS)
    .values(state="cancelled", ended_at=bindparam("now"))
)
_AGAIN = (
    update(table_of(QueuedEvent))
    .where(QueuedEvent.subscription_id == bindparam("of_subscription"), WAITING_EVENTS)
    .values(retried_from_at=bindparam("now"), next_attempt_at=bindparam("now"))
)
_REVIVED = (
    update(table_of(QueuedEvent))
    .where(
        QueuedEvent.subscription_id == bindparam("of_subscription"),
        QueuedEvent.state == "given_up",
        QueuedEvent.ended_at >= bindparam("since"),
    )
    .values(state="pending", ended_at=None)
)


def cancel_events(subscription_id: int, now: dt.datetime) -> None:
    """Cancel the events of a subscription that wait."""
    db.session.connection().execute(_SKIPPED, {"of_subscription": subscription_id, "now": now})


def retry_events(subscription_id: int, failing_since_at: dt.datetime | None, now: dt.datetime) -> None:
    """Retry the waiting events of a subscription for another day, and those given up since it fails.

    Args:
        subscription_id: the subscription.
        failing_since_at: the first failure after the last success (UTC); None without one.
        now: when (UTC).
    """
    connection = db.session.connection()
    if failing_since_at is not None:
        connection.execute(_REVIVED, {"of_subscription": subscription_id, "since": failing_since_at})
    connection.execute(_AGAIN, {"of_subscription": subscription_id, "now": now})


def remove_events(subscription_id: int | None = None, ended_before: dt.datetime | None = None) -> None:
    """Delete events with their attempts: those of one subscription, or those that ended before a moment."""
    ids = select(QueuedEvent.id)
    ids = ids.where(QueuedEvent.ended_at < ended_before) if ended_before is not None else ids
    ids = ids.where(QueuedEvent.subscription_id == subscription_id) if subscription_id is not None else ids
    connection = db.session.connection()
    connection.execute(delete(table_of(EventAttempt)).where(EventAttempt.event_id.in_(ids)))
    connection.execute(delete(table_of(QueuedEvent)).where(QueuedEvent.id.in_(ids)))
