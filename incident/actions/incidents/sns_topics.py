"""Topics of Amazon SNS: allowed by people, their messages accepted, their subscriptions confirmed."""

import datetime as dt
from dataclasses import dataclass

from incident.actions.unit_of_work import UnitOfWork, retry_on_conflict, transaction
from incident.core.incidents.alert import Ignored
from incident.core.incidents.signatures.sns import (
    END_OF_SUBSCRIPTION,
    NOTIFICATION,
    SUBSCRIPTION,
    SnsMessage,
    require_topic,
)
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents import sns_topics as rows
from incident.store.incidents.sns_topics import SnsTopic

SCHEDULER = "scheduler"
MAX_TOPICS = 500
CONFIRMED_WITHIN = dt.timedelta(days=3)
"""How long SNS accepts a confirmation after it asked for it."""
WAITING_KEPT_FOR = dt.timedelta(days=30)
"""How long a topic waits for somebody to allow it; afterwards it may ask again."""
FIRST_PAUSE = dt.timedelta(seconds=15)
PAUSE_LIMIT = dt.timedelta(hours=1)
LEASE = dt.timedelta(minutes=1)
"""How long another process leaves a confirmation to the one that has begun it."""


@dataclass(frozen=True)
class Confirmation:
    """A subscription that is confirmed by calling an address."""

    topic_id: int
    topic: str
    url: str


def accept_message(message: SnsMessage, by: str, now: dt.datetime) -> Ignored | None:
    """Accept a rightly signed message: with an alert only of an allowed topic, else return why it is none.

    Args:
        message: whose signature is right.
        by: who sent it.
        now: when it was received (UTC).

    Raises:
        RuleError: `sns.topic_waits` (forbidden): the topic is shown to those who may allow it.
    """
    topic = rows.topic_by_arn(message.topic)
    is_allowed = topic is not None and topic.allowed_at is not None
    if message.type == NOTIFICATION and is_allowed:
        return None
    retry_on_conflict(lambda: _note(message, by, now))
    if message.type == NOTIFICATION:
        raise RuleError("sns.topic_waits", {"topic": message.topic}, kind="forbidden")
    if message.type == END_OF_SUBSCRIPTION:
        return Ignored("subscription_ended", {"topic": message.topic})
    return Ignored("subscription_confirmed" if is_allowed else "subscription_waits", {"topic": message.topic})


def _note(message: SnsMessage, by: str, now: dt.datetime) -> None:
    """Note a topic that was not known, the subscription that it asks for, or that it has ended."""
    with transaction(by, now) as uow:
        topic = rows.topic_by_arn(message.topic) or _add(uow, message.topic)
        if topic is None:
            return
        if message.type == SUBSCRIPTION:
            topic.subscribe_url, topic.asked_at, topic.fault, topic.tries = message.subscribe_url, now, None, 0
            _confirm_soon(uow, topic)
        elif message.type == END_OF_SUBSCRIPTION:
            topic.ended_at, topic.confirmed_at, topic.subscribe_url, topic.try_at = now, None, None, None
            uow.record("topic.ended", f"topic:{topic.id}", {"topic": topic.arn})


def _add(uow: UnitOfWork, arn: str) -> SnsTopic | None:
    """Add a topic that waits to be allowed; None when there are too many already."""
    if rows.count_topics(is_waiting=False) >= MAX_TOPICS:
        return None
    topic = SnsTopic(arn=arn, first_at=uow.now)
    db.session.add(topic)
    db.session.flush()
    uow.record("topic.waiting", f"topic:{topic.id}", {"topic": arn})
    return topic


def _confirm_soon(uow: UnitOfWork, topic: SnsTopic) -> None:
    if topic.allowed_at is not None and topic.subscribe_url is not None:
        topic.try_at = uow.now


def allow_topic(arn: str, by: str, now: dt.datetime) -> SnsTopic:
    """Allow a topic to send alerts; the subscription that it asked for is confirmed soon.

    Raises:
        RuleError: `sns.malformed_topic`, `sns.too_many_topics` (conflict).
    """
    require_topic(arn, "/arn")

    def use_case() -> SnsTopic:
        with transaction(by, now) as uow:
            topic = rows.topic_by_arn(arn)
            if topic is None and rows.count_topics(is_waiting=False) >= MAX_TOPICS:
                raise RuleError("sns.too_many_topics", {"most": MAX_TOPICS}, kind="conflict")
            if topic is None:
                topic = SnsTopic(arn=arn, first_at=now)
                db.session.add(topic)
                db.session.flush()
            if topic.allowed_at is None or topic.state == "failed":
                topic.allowed_at, topic.allowed_by, topic.fault, topic.tries = now, by, None, 0
                _confirm_soon(uow, topic)
                uow.record("topic.allowed", f"topic:{topic.id}", {"topic": arn})
        return topic

    return retry_on_conflict(use_case)


def remove_topic(topic_id: int, by: str, now: dt.datetime) -> None:
    """Forget a topic: its messages are refused from now on; raises RuleError `sns.unknown_topic` (not found)."""
    with transaction(by, now) as uow:
        topic = rows.topic_by_id(topic_id)
        if topic is None:
            raise RuleError("sns.unknown_topic", kind="not_found")
        db.session.delete(topic)
        uow.record("topic.removed", f"topic:{topic_id}", {"topic": topic.arn})


def claim_confirmations(now: dt.datetime, limit: int) -> list[Confirmation]:
    """Return the confirmations that are due, and leave them to the caller for a while."""
    if not rows.due_confirmations(now, 1):
        db.session.rollback()
        return []
    with transaction(SCHEDULER, now):
        found = rows.due_confirmations(now, limit)
        for topic in found:
            topic.try_at = now + LEASE
        return [Confirmation(topic.id, topic.arn, topic.subscribe_url or "") for topic in found]


def record_confirmation(done: Confirmation, fault: str | None, is_final: bool, now: dt.datetime) -> None:
    """Record the result of a confirmation; one that failed is tried again until SNS accepts it no more.

    Args:
        done: the confirmation.
        fault: why it failed, None when it succeeded.
        is_final: whether another try is useless.
        now: when it ended (UTC).
    """
    with transaction(SCHEDULER, now) as uow:
        topic = rows.topic_by_id(done.topic_id)
        if topic is None or topic.subscribe_url != done.url:
            return  # removed, or asked again meanwhile
        topic.tries += 1
        topic.fault = fault
        if fault is None:
            topic.subscribe_url, topic.try_at, topic.confirmed_at, topic.ended_at = None, None, now, None
            uow.record("topic.confirmed", f"topic:{topic.id}", {"topic": topic.arn})
            return
        next_at = now + min(FIRST_PAUSE * 2 ** min(topic.tries - 1, 10), PAUSE_LIMIT)
        is_over = is_final or next_at > (topic.asked_at or now) + CONFIRMED_WITHIN
        topic.try_at = None if is_over else next_at
        if is_over:
            uow.record("topic.failed", f"topic:{topic.id}", {"topic": topic.arn, "fault": fault})
