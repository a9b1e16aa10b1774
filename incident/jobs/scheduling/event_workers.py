"""The slots that deliver events to subscriptions; apart from those of messages, which no subscription may delay."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Flask

from incident import channels
from incident.actions.delivery import event_delivery, event_queue
from incident.actions.delivery.event_delivery import EventResult, OutgoingEvent
from incident.jobs.scheduling.group_commit import GroupCommit
from incident.jobs.scheduling.worker_pool import WorkerPool
from incident.jobs.scheduling.workers import Tools, send_by
from incident.store.db import write_lock
from incident.store.db.database import db

EVENT_SLOTS = 8

LOOK_EVERY = 1.0
"""Interval (s) at which the journal is read for subscriptions."""

LOOK_SOON = 0.02
"""The same (s) while a subscription has not considered the whole journal."""

_draw = random.SystemRandom()


def event_slots(app: Flask, tools: Tools, now: Callable[[], datetime]) -> WorkerPool[OutgoingEvent]:
    """Return the slots; they look for new entries of the journal by themselves."""
    real, demonstration = channels.registry(tools.means), channels.registry(tools.means, is_demonstration=True)
    is_behind = False

    def claim(free: int, in_flight: Sequence[OutgoingEvent]) -> Sequence[OutgoingEvent]:
        nonlocal is_behind
        with app.app_context(), write_lock.yielding(db.engine):
            is_behind = event_queue.queue_events(tools.post.public_url, now()) >= event_queue.BATCH
            used = [sending.subscription_id for sending in in_flight]
            return event_delivery.claim_events(now(), free, used, tools.post)

    def finish(ended: Sequence[EventResult]) -> None:
        with app.app_context():
            event_delivery.record_event_results(ended, now())

    def in_hand() -> int:
        return slots.in_hand()

    together = GroupCommit(finish, in_hand)

    def do(sending: OutgoingEvent) -> None:
        outcome = send_by(real if sending.is_leaving else demonstration, sending.message)
        together.submit(EventResult(sending.attempt_id, outcome, _draw.uniform(-1, 1), now()))

    def look_again(_free: int) -> float:
        return LOOK_SOON if is_behind else LOOK_EVERY

    slots = WorkerPool("event", EVENT_SLOTS, claim, do, look_again=look_again)
    return slots
