"""Start requests by people who may not start a playbook; those who may, start it or decline."""

from typing import Any

from flask import Response

from incident.actions.incidents import proposing
from incident.actions.playbooks import start_requests as use_cases
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import refuse_stale
from incident.store.incidents.incidents import incident_by_number
from incident.store.incidents.lookups import numbers_of
from incident.store.queries import start_requests
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, Paged, WithNeededReason, noun
from incident.web.api.fields import Text
from incident.web.api.playbooks.start_request_documents import start_request_document
from incident.web.api.playbooks.start_request_schemas import StartRequestOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access, starts
from incident.web.security.auth import needs, require_caller

blueprint = noun("start requests", "Requests to start a playbook, by those who may not start it themselves.")


class RequestIn(Arguments):
    """The requested playbook, and the reason."""

    playbook = Text(200, is_line=True, required=True, metadata={"description": "its CACAO id"})
    note = Text(REASON_LIMIT, allow_none=True, load_default=None)


@blueprint.route("/incidents/<number>/start-requests", methods=["POST"])
@needs("run.start_proposed")
@blueprint.arguments(RequestIn)
@blueprint.response(201, StartRequestOut)
def request_start(given: dict[str, Any], number: str) -> Response:
    """Request the start of a playbook that you may not start; at most one request waits per incident and playbook."""
    incident = access.visible_incident(number)
    version = read_version(incident.version)
    refuse_stale(incident.version, version)
    playbook = starts.requestable_playbook(given["playbook"], proposing.said_by(incident))
    incident_id, actor = incident.id, require_caller().actor
    return create(
        lambda idempotency: use_cases.request_start(
            incident_id, playbook, given["note"], actor, now(), idempotency, version
        ),
        lambda made: start_request_document(made, number),
    )


class RequestQuery(Paged):
    """Filters of the list of requests."""

    incident = Text(40, is_line=True, load_default=None, metadata={"description": "number"})


@blueprint.route("/start-requests", methods=["GET"])
@needs("run.start_proposed")
@blueprint.arguments(RequestQuery, location="query")
@blueprint.response(200, page_of(StartRequestOut))
def list_requests(given: dict[str, Any]) -> Response:
    """List the requests that wait on open incidents, the oldest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    incident = incident_by_number(given["incident"]) if given["incident"] else None
    if given["incident"] and incident is None:
        return respond({"items": [], "next": None})
    incident_id = None if incident is None else incident.id
    rows = start_requests.list_requests(access.viewer(), incident_id, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row[0].id,))
    return respond({"items": [start_request_document(row, its.number) for row, its in shown], "next": following})


@blueprint.route(f"/start-requests/{ID.format('request_id')}/decline", methods=["POST"])
@needs("run.start")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, StartRequestOut)
def decline_request(given: dict[str, Any], request_id: int) -> Response:
    """Decline a request; to grant it, start the playbook on the incident."""
    found = starts.visible_start_request(request_id)
    declined = use_cases.decline_request(found.id, given["reason"], require_caller().actor, now())
    return respond(start_request_document(declined, numbers_of([found.incident_id])[found.incident_id]))
