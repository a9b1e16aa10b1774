"""Subscriptions for API and pages: what is checked before, secrets, and test events."""

import secrets
from collections.abc import Mapping
from typing import Any

from incident.actions.delivery import subscriptions as use_cases
from incident.actions.delivery.contacts import word_of
from incident.channels import send
from incident.channels.demonstration import Demonstration
from incident.core.delivery.subscription import require_events
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.notifications.message import Accepted, DeliveryError
from incident.core.values.faults import RuleError, raise_all
from incident.store.db.database import db
from incident.store.delivery.subscriptions import Subscription
from incident.store.directory.departments import departments_by_codes
from incident.web.contact_channels import Tested
from incident.web.instance import current_instance, is_demonstration, now
from incident.web.security.auth import require_caller


def require_subscription(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked values of a new or changed subscription; raises RuleError with all faults."""
    faults: list[RuleError] = []
    kept = dict(given)
    try:
        if "events" in given:
            kept["events"] = require_events(given["events"], EVENT_TYPE_WORDS)
    except RuleError as fault:
        faults += fault.all
    if "url" in given and (code := current_instance().channels["webhook"].check_address(given["url"])) is not None:
        faults.append(RuleError(code, pointer="/url"))
    wanted = given["filter"]["departments"] if "filter" in given else []
    known = departments_by_codes(wanted)
    faults += [
        RuleError("department.unknown", {"code": one}, pointer=f"/filter/departments/{index}")
        for index, one in enumerate(wanted)
        if one not in known
    ]
    raise_all(faults)
    return kept


def send_test_event(row: Subscription) -> Tested:
    """Send a test event to a subscription now and return the answer; in a demonstration nothing is sent."""
    asking, instance, subscription_id, moment = require_caller(), current_instance(), row.id, now()
    message = use_cases.message_for(
        row,
        instance.ring,
        moment,
        webhook_id=f"evt_{secrets.token_urlsafe(16)}",
        kind=use_cases.TEST_EVENT,
        at=moment,
        data={"subscription": subscription_id, "name": row.name},
    )
    channel, is_sent = instance.channels["webhook"], not is_demonstration()
    db.session.rollback()  # no transaction stays open during the wait for the other side
    outcome: Accepted | DeliveryError
    try:
        outcome = send(channel if is_sent else Demonstration(channel), message)
    except DeliveryError as error:
        outcome = error
    use_cases.record_subscription_test(subscription_id, outcome, is_sent, asking.actor, now())
    return Tested(message.contact, word_of(outcome), outcome.detail, is_sent)
