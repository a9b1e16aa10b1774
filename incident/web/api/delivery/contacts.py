"""Contacts: reachability, and the secrets that sign messages to them."""

from typing import Any

from flask import Response

from incident.actions.delivery import contact_checks
from incident.actions.delivery import contacts as use_cases
from incident.store.directory.departments import Contact
from incident.web import contact_channels
from incident.web.api.arguments import Arguments
from incident.web.api.delivery.contact_documents import contact_document
from incident.web.api.delivery.contact_schemas import ContactOut, SecretOut, TestedOut
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, Nothing, noun
from incident.web.api.fields import Number, Text
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("contacts", "Whether a contact can be reached, and the secret that signs what it gets.")


@blueprint.route(f"/contacts/{ID.format('contact_id')}/test", methods=["POST"])
@needs("contact.test")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(200, TestedOut)
def send_test(_given: dict[str, Any], contact_id: int) -> Response:
    """Send one test message now and return the answer; in a demonstration nothing is sent."""
    tested = contact_channels.send_test_message(access.visible_contact(contact_id))
    return respond({"outcome": tested.outcome, "is_sent": tested.is_sent, "answer": tested.answer})


@blueprint.route(f"/contacts/{ID.format('contact_id')}/secret", methods=["POST"])
@needs("contact.write")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(201, SecretOut)
def change_secret(_given: dict[str, Any], contact_id: int) -> Response:
    """Replace the secret of a webhook, shown once; for 24 hours messages are signed with the old one as well."""
    contact_channels.require_made_here(access.visible_contact(contact_id))
    secret, ring, actor = contact_channels.new_secret(), current_instance().ring, require_caller().actor
    return create(
        lambda idempotency: use_cases.change_secret(contact_id, secret, ring, actor, now(), idempotency),
        lambda contact: _secret_document(contact, secret),
    )


class ContactChange(Arguments):
    """Fields of a contact to change; null removes the value."""

    limit_per_minute = Number(1, 6000, allow_none=True, metadata={"description": "how many messages it may get"})
    check_every = Text(20, is_line=True, allow_none=True, metadata={"example": "P1D"})
    confirm_within = Text(20, is_line=True, allow_none=True, metadata={"example": "PT12H"})


@blueprint.route(f"/contacts/{ID.format('contact_id')}", methods=["PATCH"])
@needs("contact.write")
@blueprint.arguments(ContactChange)
@blueprint.response(200, ContactOut)
def change_contact(given: dict[str, Any], contact_id: int) -> Response:
    """Set the limit of messages per minute of a contact, the interval of its checks, and whether people confirm it."""
    contact = access.visible_contact(contact_id)
    changed = contact_checks.change_contact(
        contact.id, given, current_instance().post.delivery_profiles, require_caller().actor, now()
    )
    return respond(contact_document(changed))


def _secret_document(contact: Contact, secret: str) -> Document:
    return {"secret": secret, "old_secret_ends_at": moment(contact.old_secret_ends_at)}
