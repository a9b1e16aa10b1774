"""Scheduled checks of contacts: find one that stopped working before an incident needs it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.delivery import contacts
from incident.actions.delivery.contacts import note_outcome, write_test
from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.delivery.delivery_profile import MACHINE, DeliveryProfile
from incident.core.notifications.contact import require_check_every, require_confirm_within
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.core.values.duration import parse_duration
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.departments import Contact

CHECKER = "check"
"""The actor of checks."""


def begin_check(contact_id: int, webhook_id: str, post: MessageRenderer, now: dt.datetime) -> Message | None:
    """Claim the check of a contact and return the message to send; None when another process has claimed it.

    Args:
        contact_id: the contact.
        webhook_id: by which its receiver can distinguish the message from others.
        post: renders the message.
        now: when (UTC).
    """
    with transaction(CHECKER, now):
        contact = db.session.get_one(Contact, contact_id, with_for_update=True, populate_existing=True)
        is_due = contact.check_due_at is not None and contact.check_due_at <= now
        if not is_due or contact.check_every is None or contact.switched_off_at is not None:
            return None
        contact.check_due_at = now + parse_duration(contact.check_every)
        if contact.confirm_within is not None and contact.confirm_due_at is None:
            contact.confirm_due_at = _confirm_due_at(contact.confirm_within, now)
    return write_test(contact_id, webhook_id, post, now)


def enter_check(contact_id: int, outcome: Accepted | DeliveryError, now: dt.datetime) -> None:
    """Store the result of a check; the journal gets an entry when it differs from the last one.

    Args:
        contact_id: the contact.
        outcome: the result from its channel.
        now: when it ended (UTC).
    """
    with transaction(CHECKER, now) as uow:
        contact = db.session.get_one(Contact, contact_id, with_for_update=True, populate_existing=True)
        before = contact.check_outcome
        note_outcome(uow, contact, outcome)
        if contact.check_outcome != before:
            details = {"name": contact.name, "channel": contact.channel, "before": before, "answer": outcome.detail}
            uow.record("contact.checked", f"contact:{contact.id}", details | {"after": contact.check_outcome})


def confirm(contact_id: int, sent_at: dt.datetime, now: dt.datetime) -> Contact:
    """Record that a test has reached somebody.

    Args:
        contact_id: the contact.
        sent_at: when the test was sent (UTC).
        now: when it was confirmed (UTC).

    Raises:
        RuleError: `contact.unknown` (not found).
    """
    with transaction(f"link:contact:{contact_id}", now) as uow:
        contact = db.session.get(Contact, contact_id, with_for_update=True, populate_existing=True)
        if contact is None:
            raise RuleError("contact.unknown", {"id": contact_id}, kind="not_found")
        contact.confirmed_at = now
        if _is_awaited(contact, sent_at):
            contact.confirm_due_at = None
        took = round((now - sent_at).total_seconds())
        uow.record("contact.confirmed", f"contact:{contact.id}", {"name": contact.name, "seconds": took})
    return contact


def change_contact(
    contact_id: int,
    changes: dict[str, Any],
    delivery_profiles: Mapping[str, DeliveryProfile],
    by: str,
    now: dt.datetime,
) -> Contact:
    """Set the rate limit of a contact per minute, and its checks; None removes each.

    Args:
        contact_id: the contact.
        changes: any of `limit_per_minute`, `check_every` and `confirm_within` (durations of ISO 8601).
        delivery_profiles: the delivery profile of each channel.
        by: who changes it.
        now: when (UTC).

    Raises:
        RuleError: `contact.unknown` (not found), `contact.switched_off` (conflict), `contact.check_every`,
            `contact.confirm_within`, `contact.confirms_nothing`.
    """
    with transaction(by, now) as uow:
        contact = contacts.live_contact(contact_id)
        before = {name: getattr(contact, name) for name in changes}
        if "limit_per_minute" in changes:
            contact.limit_per_minute = changes["limit_per_minute"]
        if changes.get("check_every", contact.check_every) != contact.check_every:
            _check_every(contact, changes["check_every"], now)
        if changes.get("confirm_within", contact.confirm_within) != contact.confirm_within:
            _confirm_within(contact, changes["confirm_within"], delivery_profiles)
        _enter(uow, contact, before, changes)
    return contact


def _check_every(contact: Contact, every: str | None, now: dt.datetime) -> None:
    length = None if every is None else require_check_every(every, "/check_every")
    contact.check_every = every
    contact.check_due_at = None if length is None else now + length


def _confirm_within(contact: Contact, within: str | None, delivery_profiles: Mapping[str, DeliveryProfile]) -> None:
    if within is not None:
        require_confirm_within(within, "/confirm_within")
        if not delivery_profiles.get(contact.channel, MACHINE).is_read:
            raise RuleError("contact.confirms_nothing", pointer="/confirm_within")
    contact.confirm_within, contact.confirm_due_at = within, None


def _is_awaited(contact: Contact, sent_at: dt.datetime) -> bool:
    """Whether a test of a moment is the one awaiting confirmation, or a later one."""
    if contact.confirm_within is None or contact.confirm_due_at is None:
        return False
    return _confirm_due_at(contact.confirm_within, sent_at) >= contact.confirm_due_at


def _confirm_due_at(within: str, sent_at: dt.datetime) -> dt.datetime:
    return sent_at.replace(microsecond=0) + parse_duration(within)  # the link of a test contains whole seconds


def _enter(uow: UnitOfWork, contact: Contact, before: dict[str, Any], after: dict[str, Any]) -> None:
    uow.record("contact.changed", f"contact:{contact.id}", {"name": contact.name, "before": before, "after": after})
