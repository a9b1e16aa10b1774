"""Dead letters: manual retry."""

import datetime as dt

from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.incidents import incidents
from incident.store.notifications.messages import Message

DEAD = ("refused", "given_up")


def resend(message_id: int, by: str, now: dt.datetime) -> Message:
    """Send a dead letter again, under its old name and for another day; its content is rendered again.

    Args:
        message_id: the message.
        by: who requests it.
        now: when (UTC).

    Raises:
        RuleError: `message.unknown` (not found); `message.not_dead`, `contact.switched_off` (conflict).
    """
    with transaction(by, now) as uow:
        row = db.session.get(Message, message_id)
        if row is None:
            raise RuleError("message.unknown", {"id": message_id}, kind="not_found")
        incident = None if row.incident_id is None else incidents.lock_incident(row.incident_id)
        db.session.refresh(row)
        contact = db.session.get_one(Contact, row.contact_id)
        if row.state not in DEAD:
            raise RuleError("message.not_dead", {"state": row.state}, kind="conflict")
        if contact.switched_off_at is not None:
            raise RuleError("contact.switched_off", kind="conflict")
        details = {"contact": contact.name, "channel": contact.channel, "before": row.state, "fault": row.fault}
        row.state, row.ended_at, row.passed_on_at = "pending", None, None
        row.next_attempt_at = row.retried_from_at = now
        uow.wake_scheduler()
        number = None if incident is None else incident.number
        uow.record("message.resent", f"message:{row.webhook_id}", details, number)
    return row
