"""Contacts: secrets that sign messages to them, and delivery tests."""

import datetime as dt
from dataclasses import replace
from typing import Literal

from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.directory import devices
from incident.actions.directory.departments import secret_place
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.notifications.bundle import MessageBundle
from incident.core.notifications.contact import OLD_SECRET_LIMIT
from incident.core.notifications.message import (
    BUNDLE,
    PUSH,
    Accepted,
    DeliveryError,
    Message,
    MessageFacts,
    MessageType,
    data_of,
)
from incident.core.values.faults import RuleError
from incident.formats.messages import Written
from incident.keyring import KeyRing
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department

Outcome = Literal["accepted", "failed", "refused", "gone"]

_READ = DeliveryProfile(is_read=True)
_NO_TEXT = Written("", "", "")
"""The texts for people in a message to a machine: rendering takes time, and it reads none of them."""


def old_secret_place(contact_id: int) -> str:
    """Return the data that a contact's previous secret is bound to."""
    return f"contacts:{contact_id}:old_sealed_secret"


def valid_secrets(contact: Contact, ring: KeyRing, now: dt.datetime) -> tuple[str | None, str | None]:
    """Return a contact's secret and, while it is still valid, the previous one."""
    secret = contact.sealed_secret and ring.open(contact.sealed_secret, secret_place(contact.id))
    ends_at = contact.old_secret_ends_at
    if contact.old_sealed_secret is None or ends_at is None or ends_at <= now:
        return secret, None
    return secret, ring.open(contact.old_sealed_secret, old_secret_place(contact.id))


def change_secret(
    contact_id: int, secret: str, ring: KeyRing, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> Contact:
    """Give a contact a new secret; for 24 hours messages are signed with the previous one as well.

    Args:
        contact_id: the contact.
        secret: the new one; sealed here.
        ring: seals it.
        by: who changes it.
        now: when (UTC).
        idempotency: the caller's key; the stored response contains the secret.

    Raises:
        RuleError: `contact.unknown` (not found); `contact.switched_off`, `contact.has_no_secret` (conflict).
    """
    with transaction(by, now, idempotency) as uow:
        contact = live_contact(contact_id)
        if contact.sealed_secret is None:
            raise RuleError("contact.has_no_secret", kind="conflict")
        before = ring.open(contact.sealed_secret, secret_place(contact.id))
        contact.old_sealed_secret = ring.seal(before, old_secret_place(contact.id))
        contact.old_secret_ends_at = now + OLD_SECRET_LIMIT
        contact.sealed_secret = ring.seal(secret, secret_place(contact.id))
        ends = contact.old_secret_ends_at.isoformat()
        uow.record(
            "contact.secret_changed", f"contact:{contact.id}", {"name": contact.name, "old_secret_ends_at": ends}
        )
        uow.store_response(contact)
    return contact


def message_to(
    contact: Contact,
    facts: MessageFacts,
    post: MessageRenderer,
    now: dt.datetime,
    *,
    webhook_id: str,
    kind: MessageType,
    at: dt.datetime,
) -> Message:
    """Render a message to a contact, in its language and with its valid secrets.

    Args:
        contact: the recipient.
        facts: the content.
        post: renders the message.
        now: when this attempt begins (UTC).
        webhook_id: the same on every attempt.
        kind: the type for a machine.
        at: when the message was created (UTC).
    """
    is_read = post.delivery_profiles.get(contact.channel, _READ).is_read
    if contact.channel == PUSH:
        written = signal_to(contact, facts, post)
    else:
        written = post.writer.write(facts, contact.language) if is_read else _NO_TEXT
    message = _message(contact, written, post, now, webhook_id, kind)
    return replace(message, at=at, thread=facts.incident, data=data_of(facts))


def signal_to(contact: Contact, facts: MessageFacts, post: MessageRenderer) -> Written:
    """Return the words for the device that a contact stands for, which say nothing of the content."""
    page = f"{post.public_url}/account" if facts.type == "contact.test" else facts.incident_url
    return post.writer.write_signal(facts.type, page or f"{post.public_url}/inbox", contact.language)


def bundle_to(
    contact: Contact, bundle: MessageBundle, post: MessageRenderer, now: dt.datetime, bundle_id: str
) -> Message:
    """Render one message that replaces many to the same contact.

    Args:
        contact: the recipient; people read it.
        bundle: the content.
        post: renders the message.
        now: when this attempt begins (UTC).
        bundle_id: its name; after a failure its messages may be sent with others under another name.
    """
    if contact.channel == PUSH:
        written = post.writer.write_signal(BUNDLE, bundle.inbox_url, contact.language)
    else:
        written = post.writer.write_bundle(bundle, contact.language)
    return replace(_message(contact, written, post, now, bundle_id, BUNDLE), thread=bundle.thread)


def _message(
    contact: Contact,
    written: Written,
    post: MessageRenderer,
    now: dt.datetime,
    webhook_id: str,
    kind: MessageType | Literal["notice.bundle"],
) -> Message:
    """Return the common part of messages to a contact: address, valid secrets, and texts."""
    address, (secret, old_secret) = contact.address, valid_secrets(contact, post.ring, now)
    if contact.channel == PUSH:
        address, secret = devices.target_of(contact.id, post.ring)
    return Message(
        webhook_id=webhook_id,
        type=kind,
        at=now,
        sent_at=now,
        contact=contact.name,
        channel=contact.channel,
        address=address,
        secret=secret,
        old_secret=old_secret,
        language=contact.language,
        subject=written.subject,
        text=written.text,
        html=written.html,
        asked=written.asked,
        links=written.links,
    )


def write_test(contact_id: int, webhook_id: str, post: MessageRenderer, now: dt.datetime) -> Message:
    """Render the message that tests whether a contact can be reached.

    Args:
        contact_id: the contact.
        webhook_id: by which its receiver can distinguish it from others.
        post: renders the message.
        now: when (UTC).

    Raises:
        RuleError: `contact.unknown` (not found), `contact.switched_off` (conflict).
    """
    contact = live_contact(contact_id)
    department = db.session.get_one(Department, contact.department_id)
    facts = MessageFacts(
        type="contact.test",
        at=now,
        department=department.name,
        confirm_url=confirm_url(post, contact, now),
        timezone=post.timezone,
    )
    return message_to(contact, facts, post, now, webhook_id=webhook_id, kind="contact.test", at=now)


def confirm_url(post: MessageRenderer, contact: Contact, now: dt.datetime) -> str | None:
    """Return the link by which somebody confirms a test; machines get none."""
    if not post.delivery_profiles.get(contact.channel, _READ).is_read:
        return None
    payload = f"{contact.id}.{int(now.timestamp())}"
    return f"{post.public_url}/reached/{payload}.{post.ring.sign(f'reached:{payload}')}"


def read_confirmation_token(ring: KeyRing, token: str) -> tuple[int, dt.datetime] | None:
    """Return the contact and time of the test with this token; None when it was not created here."""
    contact_id, _, rest = token.partition(".")
    sent_at, _, signature = rest.partition(".")
    is_ours = ring.is_signed(f"reached:{contact_id}.{sent_at}", signature)
    return (int(contact_id), dt.datetime.fromtimestamp(int(sent_at), dt.UTC)) if is_ours else None


def enter_test(contact_id: int, outcome: Accepted | DeliveryError, is_sent: bool, by: str, now: dt.datetime) -> None:
    """Record the result of a test message; a receiver that is gone is not notified any more.

    Args:
        contact_id: the contact.
        outcome: the result from its channel.
        is_sent: whether anything left the machine.
        by: who requested the test.
        now: when it ended (UTC).
    """
    with transaction(by, now) as uow:
        contact = db.session.get_one(Contact, contact_id)
        details = {"name": contact.name, "channel": contact.channel, "is_sent": is_sent, "answer": outcome.detail}
        is_accepted = isinstance(outcome, Accepted)
        uow.record("contact.tested", f"contact:{contact.id}", details | {"is_accepted": is_accepted})
        if is_sent:
            note_outcome(uow, contact, outcome)


def note_outcome(uow: UnitOfWork, contact: Contact, outcome: Accepted | DeliveryError) -> None:
    """Store the result of a test on a contact (within the caller's transaction).

    A receiver that is gone is not notified any more.
    """
    contact.checked_at, contact.check_detail = uow.now, outcome.detail
    contact.check_outcome = word_of(outcome)
    if contact.check_outcome == "gone" and contact.channel == PUSH:
        devices.forget(uow, contact, outcome.detail)
    elif contact.check_outcome == "gone" and contact.switched_off_at is None:
        contact.switched_off_at, contact.switched_off_why = uow.now, outcome.detail
        uow.record("contact.switched_off", f"contact:{contact.id}", {"name": contact.name, "why": outcome.detail})


def word_of(outcome: Accepted | DeliveryError) -> Outcome:
    """Return the result of a channel as a word."""
    if isinstance(outcome, Accepted):
        return "accepted"
    if outcome.is_gone:
        return "gone"
    return "refused" if outcome.permanent else "failed"


def live_contact(contact_id: int) -> Contact:
    """Return a contact that can receive messages; raises RuleError `contact.unknown`, `contact.switched_off`."""
    contact = db.session.get(Contact, contact_id)
    if contact is None:
        raise RuleError("contact.unknown", {"id": contact_id}, kind="not_found")
    if contact.switched_off_at is not None:
        raise RuleError("contact.switched_off", kind="conflict")
    return contact
