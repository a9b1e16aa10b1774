"""The people who sign in."""

from typing import Any

from flask import Response

from incident.actions.directory import people as use_cases
from incident.core.notifications.message import LANGUAGES
from incident.core.values.access import ROLES_OF_PEOPLE
from incident.store.directory import people
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.directory.people_documents import person_documents
from incident.web.api.directory.people_schemas import PersonOut
from incident.web.api.endpoint import Paged, noun
from incident.web.api.fields import Choice, Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("people", "People who sign in.")


class PersonIn(Arguments):
    """A person who signs in; without a password only by link."""

    login = Text(200, is_line=True, required=True)
    name = Text(200, is_line=True, required=True)
    role = Choice(ROLES_OF_PEOPLE, required=True)
    department = fields.code(allow_none=True, load_default=None)
    password = Text(1000, allow_none=True, load_default=None)
    language = Choice(LANGUAGES, load_default="en")


@blueprint.route("/people", methods=["POST"])
@needs("person.write")
@blueprint.arguments(PersonIn)
@blueprint.response(201, PersonOut)
def add_person(given: dict[str, Any]) -> Response:
    """Add a person who signs in."""
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.add_person(**given, by=actor, now=now(), idempotency=idempotency),
        lambda person: person_documents([person])[0],
    )


@blueprint.route("/people", methods=["GET"])
@needs("person.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(PersonOut))
def list_people(given: dict[str, Any]) -> Response:
    """List people in the order in which they were added."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    rows = people.list_people(after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": person_documents(shown), "next": following})
