"""Contacts for API and pages: validation, secrets, and test messages."""

import secrets
from dataclasses import dataclass

from incident.actions.delivery import contacts as use_cases
from incident.channels import Channel, send
from incident.channels.demonstration import Demonstration
from incident.channels.webhook import new_webhook_secret
from incident.core.delivery.delivery_profile import MACHINE
from incident.core.notifications.contact import origin_shown, shown_address
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.core.values.access import may
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.web.http.compression import note_secret
from incident.web.instance import current_instance, is_demonstration, now
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import caller, require_caller

SECRET_LIMIT = 128
"""Maximum length of a secret from the other side."""


@dataclass(frozen=True)
class Tested:
    """The result of a test message: the outcome, the receiver's answer, and whether anything was sent."""

    contact: str
    outcome: use_cases.Outcome
    answer: str
    is_sent: bool


def faults_of(channel: str, address: str | None, secret: str | None) -> list[RuleError]:
    """Return the faults of the address and the secret of a new contact."""
    chosen = current_instance().channels[channel]
    found = []
    if (code := chosen.check_address(address)) is not None:
        found.append(RuleError(code, pointer="/address"))
    if chosen.signing == "given" and not secret:
        found.append(RuleError("secret.missing", pointer="/secret"))
    if chosen.signing != "given" and secret:
        found.append(RuleError("secret.not_wanted", pointer="/secret"))
    return found


def secret_for(channel: str, given: str | None) -> str | None:
    """Return the secret of a new contact: generated here, or the given one, or none."""
    return new_secret() if current_instance().channels[channel].signing == "made" else given


def new_secret() -> str:
    """Generate a secret for a webhook."""
    return new_webhook_secret(secrets.token_bytes(32))


def can_confirm(contact: Contact) -> bool:
    """Return whether a person reads the messages to a contact, and can confirm a test."""
    return current_instance().post.delivery_profiles.get(contact.channel, MACHINE).is_read


def require_made_here(contact: Contact) -> None:
    """Raise RuleError `contact.has_no_secret` for a contact whose secret is not generated here."""
    if current_instance().channels[contact.channel].signing != "made":
        raise RuleError("contact.has_no_secret", kind="conflict")


def address_of(contact: Contact) -> str | None:
    """Return the address of a contact for display; the display is recorded in the access log."""
    note_read("contact", contact.id)
    note_secret()  # the address of a robot is one, and messages beside it have links that answer
    channel, asking = current_instance().channels.get(contact.channel), caller()
    is_writer = asking is not None and may(asking.viewer.role, "contact.write")
    if contact.channel == "webhook" and contact.address and not is_writer:  # such addresses often contain a secret
        return f"{origin_shown(contact.address)}…"
    return shown_address(contact.address, channel is None or channel.is_address_secret)


def send_test_message(contact: Contact) -> Tested:
    """Send a test message to a contact now; in a demonstration nothing is sent.

    Raises:
        RuleError: `contact.unknown` (not found), `contact.switched_off` (conflict).
    """
    asking, instance, contact_id = require_caller(), current_instance(), contact.id
    message = use_cases.write_test(contact_id, f"msg_{secrets.token_urlsafe(16)}", instance.post, now())
    channel = instance.channels[message.channel]
    is_sent = channel.is_leaving and not is_demonstration()
    outcome = _sent(channel if is_sent or not channel.is_leaving else Demonstration(channel), message)
    use_cases.enter_test(contact_id, outcome, is_sent, asking.actor, now())
    return Tested(message.contact, use_cases.word_of(outcome), outcome.detail, is_sent)


def _sent(channel: Channel, message: Message) -> Accepted | DeliveryError:
    db.session.rollback()  # no transaction stays open during the wait for the other side
    try:
        return send(channel, message)
    except DeliveryError as error:
        return error
