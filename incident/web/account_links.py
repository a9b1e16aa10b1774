"""Links that set a password: made, and sent by mail or handed over."""

import secrets
from dataclasses import dataclass

from flask import url_for

from incident.actions.directory import accounts
from incident.core.notifications.message import DeliveryError, Message
from incident.core.values.faults import RuleError
from incident.formats.account_mail import write_account_mail
from incident.formats.messages import load_catalogues
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.web.auth import require_caller
from incident.web.instance import current_instance, is_demonstration, now


@dataclass(frozen=True)
class MadeLink:
    """A link that was made: `sent_to` is where it was mailed; else it is shown, with what kept it from being sent."""

    name: str
    url: str
    is_invitation: bool
    sent_to: str | None = None
    fault: str | None = None


def can_mail() -> bool:
    """Tell whether mail can be sent."""
    return current_instance().settings.smtp_url is not None and not is_demonstration()


def require_mail(address: str | None) -> str | None:
    """Return an address for the mail, None when it is to be handed over.

    Raises:
        RuleError: what is wrong with the address, at `/mail`.
    """
    if not address:
        return None
    code = current_instance().channels["email"].check_address(address)
    if code is not None:
        raise RuleError(code, pointer="/mail")
    return address


def make_link(person_id: int, address: str | None) -> MadeLink:
    """Make the link, and send it when an address is given and mail can be sent.

    Raises:
        RuleError: those of `accounts.make_password_link`.
    """
    token = accounts.make_password_link(person_id, require_caller().actor, now())
    person = db.session.get_one(Person, person_id)
    url = f"{current_instance().settings.public_url}{url_for('pages.set_password', token=token)}"
    made = MadeLink(person.name, url, person.password_hash is None)
    return made if address is None or not can_mail() else _sent(made, person, address)


def _sent(made: MadeLink, person: Person, address: str) -> MadeLink:
    instance = current_instance()
    words = load_catalogues()[person.language]
    written = write_account_mail(
        person.login, made.url, instance.settings.public_url, made.is_invitation, words.gettext
    )
    message = Message(
        webhook_id=f"msg_{secrets.token_urlsafe(16)}",
        type="account.link",
        at=now(),
        sent_at=now(),
        contact=person.name,
        channel="email",
        address=address,
        language=person.language,
        subject=written.subject,
        text=written.text,
    )
    db.session.rollback()  # no transaction stays open while the mail server is waited for
    try:
        instance.channels["email"].send(message)
    except DeliveryError as error:
        return MadeLink(made.name, made.url, made.is_invitation, fault=error.detail)
    return MadeLink(made.name, made.url, made.is_invitation, sent_to=address)
