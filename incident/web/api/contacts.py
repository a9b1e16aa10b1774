"""Contacts: whether they can be reached, and the secrets with which messages to them are signed."""

from typing import Any

from flask import Response

from incident.actions import contacts as deeds
from incident.store.departments import Contact
from incident.web import access, contacts
from incident.web.api.documents import Document, moment
from incident.web.api.endpoint import ID, Nothing, noun
from incident.web.api.schemas import SecretOut, TestedOut
from incident.web.auth import needs, require_caller
from incident.web.conditional import answer
from incident.web.instance import here, now
from incident.web.once import create

blueprint = noun("contacts", "Whether a contact can be reached, and the secret that signs what it gets.")


@blueprint.route(f"/contacts/{ID.format('contact_id')}/test", methods=["POST"])
@needs("contact.test")
@blueprint.arguments(Nothing)
@blueprint.response(200, TestedOut)
def send_test(_given: dict[str, Any], contact_id: int) -> Response:
    """Send one test message now and say what was answered; in a demonstration nothing is sent."""
    tested = contacts.send_test(access.seen_contact(contact_id))
    return answer({"outcome": tested.outcome, "is_sent": tested.is_sent, "answer": tested.answer})


@blueprint.route(f"/contacts/{ID.format('contact_id')}/secret", methods=["POST"])
@needs("contact.write")
@blueprint.arguments(Nothing)
@blueprint.response(201, SecretOut)
def change_secret(_given: dict[str, Any], contact_id: int) -> Response:
    """Give a webhook a new secret, told once; for 24 hours each message is signed with the old one as well."""
    contacts.require_made_here(access.seen_contact(contact_id))
    secret, ring, actor = contacts.new_secret(), here().ring, require_caller().actor
    return create(
        lambda once: deeds.change_secret(contact_id, secret, ring, actor, now(), once),
        lambda contact: _secret_document(contact, secret),
    )


def _secret_document(contact: Contact, secret: str) -> Document:
    return {"secret": secret, "old_secret_ends_at": moment(contact.old_secret_ends_at)}
