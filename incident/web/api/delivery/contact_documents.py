"""Contacts as the API shows them."""

from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.directory.people import Person
from incident.web.api.document_parts import Document, moment
from incident.web.contact_channels import address_of


def owner_of(contact: Contact) -> str | None:
    """Return the login of the person whom a contact reaches, None for a desk."""
    return None if contact.person_id is None else db.session.get_one(Person, contact.person_id).login


def contact_document(contact: Contact) -> Document:
    """Serialize a contact without its secret."""
    return {
        "id": contact.id,
        "name": contact.name,
        "channel": contact.channel,
        "address": address_of(contact),
        "level": contact.level,
        "person": owner_of(contact),
        "language": contact.language,
        "created_at": format_moment(contact.created_at),
        "switched_off_at": moment(contact.switched_off_at),
        "switched_off_why": contact.switched_off_why,
        "old_secret_ends_at": moment(contact.old_secret_ends_at),
        "limit_per_minute": contact.limit_per_minute,
        "check_every": contact.check_every,
        "checked_at": moment(contact.checked_at),
        "check_outcome": contact.check_outcome,
        "check_detail": contact.check_detail,
        "confirmed_at": moment(contact.confirmed_at),
        "confirm_within": contact.confirm_within,
        "confirm_due_at": moment(contact.confirm_due_at),
    }
