"""Links that set a password: created, and mailed or shown."""

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
from incident.web.instance import current_instance, is_demonstration, now
from incident.web.security.auth import require_caller


@dataclass(frozen=True)
class MadeLink:
    """A new link: `sent_to` is the mail address; else it is shown, with the reason why it was not sent."""

    name: str
    url: str
    is_invitation: bool
    sent_to: str | None = None
    fault: str | None = None


def can_mail() -> bool:
    """Return whether mail can be sent."""
    return current_instance().settings.smtp_url is not None and not is_demonstration()


def require_mail(address: str | None) -> str | None:
    """Return an address for the mail, None when the link is shown instead.

    Raises:
        RuleError: the fault of the address, at `/mail`.
    """
    if not address:
        return None
    code = current_instance().channels["email"].check_address(address)
    if code is not None:
        raise RuleError(code, pointer="/mail")
    return address


def make_link(person_id: int, address: str | None) -> MadeLink:
    """Create the link, and mail it when an address is given and mail can be sent.

    Raises:
        RuleError: those of `accounts.make_password_link`.
    """
    sent_to = address if can_mail() else None
    token = accounts.make_password_link(person_id, require_caller().actor, now(), sent_to)
    person = db.session.get_one(Person, person_id)
    url = f"{current_instance().settings.public_url}{url_for('pages.set_password', token=token)}"
    made = MadeLink(person.name, url, person.password_hash is None)
    return made if sent_to is None else _sent(made, person, sent_to)


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
    db.session.rollback()  # no transaction stays open during the wait for the mail server
    try:
        instance.channels["email"].send(message)
    except DeliveryError as error:
        return MadeLink(made.name, made.url, made.is_invitation, fault=error.detail)
    return MadeLink(made.name, made.url, made.is_invitation, sent_to=address)
