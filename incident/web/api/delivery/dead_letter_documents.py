"""Representations of dead letters in the API."""

from collections.abc import Sequence

from incident.core.values.moment import format_moment
from incident.store.directory.departments import contacts_by_key
from incident.store.incidents.lookups import numbers_of
from incident.store.notifications.messages import Message
from incident.web.api.document_parts import Document, department_codes, moment
from incident.web.contact_channels import address_of


def dead_letter_documents(rows: Sequence[Message]) -> list[Document]:
    """Serialize dead letters, each with its contact and the number of its incident."""
    numbers = numbers_of({row.incident_id for row in rows})
    contacts = contacts_by_key({row.contact_id for row in rows})
    codes = department_codes(contact.department_id for contact in contacts.values())
    return [
        {
            "id": row.id,
            "webhook_id": row.webhook_id,
            "type": row.type,
            "incident": numbers.get(row.incident_id),
            "notice": row.notice_id,
            "department": codes[contact.department_id],
            "contact": {"id": contact.id, "name": contact.name, "address": address_of(contact)},
            "channel": contact.channel,
            "is_switched_off": contact.switched_off_at is not None,
            "level": row.level,
            "round": row.round,
            "state": row.state,
            "attempts": row.attempts,
            "fault": row.fault,
            "created_at": format_moment(row.created_at),
            "ended_at": moment(row.ended_at),
        }
        for row in rows
        for contact in [contacts[row.contact_id]]
    ]
