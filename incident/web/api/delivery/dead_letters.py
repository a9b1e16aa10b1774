"""Dead letters: messages that were refused or given up, for review and manual retry."""

from typing import Any

from flask import Response

from incident.actions.delivery import dead_letters as use_cases
from incident.channels import MAKERS
from incident.store.directory import departments
from incident.store.incidents.incidents import incident_by_number
from incident.store.queries import dead_letters
from incident.web.api import fields
from incident.web.api.delivery.dead_letter_documents import dead_letter_documents
from incident.web.api.delivery.dead_letter_schemas import DeadLetterOut
from incident.web.api.endpoint import ID, Nothing, Paged, noun
from incident.web.api.fields import Choice, Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("dead letters", "Messages that were refused or given up, and are sent again only by hand.")


class DeadLetterQuery(Paged):
    """Filters of the list of dead letters."""

    incident = Text(40, is_line=True, load_default=None, metadata={"description": "number"})
    department = fields.code(load_default=None)
    channel = Choice(tuple(MAKERS), load_default=None)
    state = Choice(use_cases.DEAD, load_default=None)


@blueprint.route("/dead-letters", methods=["GET"])
@needs("message.read")
@blueprint.arguments(DeadLetterQuery, location="query")
@blueprint.response(200, page_of(DeadLetterOut))
def list_dead_letters(given: dict[str, Any]) -> Response:
    """List dead letters, the newest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    wanted = wanted_of(given)
    rows = [] if wanted is None else dead_letters.list_dead(access.viewer(), wanted, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": dead_letter_documents(shown), "next": following})


def wanted_of(given: dict[str, Any]) -> dead_letters.DeadFilter | None:
    """Return the filter for dead letters; None if it names an unknown incident or department."""
    incident = incident_by_number(given["incident"]) if given["incident"] else None
    department = departments.department_by_code(given["department"]) if given["department"] else None
    if (given["incident"] and incident is None) or (given["department"] and department is None):
        return None
    return dead_letters.DeadFilter(
        incident_id=None if incident is None else incident.id,
        department_id=None if department is None else department.id,
        channel=given["channel"],
        state=given["state"],
    )


@blueprint.route(f"/dead-letters/{ID.format('message_id')}/resend", methods=["POST"])
@needs("message.send")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(200, DeadLetterOut)
def resend(_given: dict[str, Any], message_id: int) -> Response:
    """Retry a dead letter for another 24 hours under its old `webhook-id`."""
    message = access.visible_dead_letter(message_id)
    sent = use_cases.resend(message.id, require_caller().actor, now())
    return respond(dead_letter_documents([sent])[0])
