"""Links of incidents: to reports, by endpoints of these, and to tickets of other systems."""

from typing import Any

from flask import Response

from incident.actions.incidents import tickets
from incident.actions.reports import reports as use_cases
from incident.core.values.faults import RuleError
from incident.outgoing.addresses import URL_LIMIT
from incident.store.incidents.tickets import tickets_of
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID
from incident.web.api.fields import Number, Text
from incident.web.api.incidents.incident_documents import incident_with_reports, ticket_document
from incident.web.api.incidents.incident_schemas import IncidentReported, TicketOut
from incident.web.api.incidents.incidents import blueprint as incidents_blueprint
from incident.web.api.reports.reports import blueprint
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import MAX_INTEGER
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


class LinkIn(Arguments):
    """The report to link."""

    report = Number(1, MAX_INTEGER, required=True)


@blueprint.route("/incidents/<number>/reports", methods=["POST"])
@needs("report.link")
@blueprint.arguments(LinkIn)
@blueprint.response(201, IncidentReported)
def link_report(given: dict[str, Any], number: str) -> Response:
    """Link a report to an incident."""
    incident = access.visible_incident(number)
    version = read_version(incident.version)
    access.named_reports([given["report"]], "/report")
    actor, incident_id = require_caller().actor, incident.id
    return create(
        lambda idempotency: use_cases.link_report(incident_id, given["report"], actor, now(), idempotency, version),
        incident_with_reports,
    )


@blueprint.route(f"/incidents/<number>/reports/{ID.format('report_id')}", methods=["DELETE"])
@needs("report.link")
@blueprint.response(204)
def unlink_report(number: str, report_id: int) -> Response:
    """Unlink a report from an incident."""
    incident = access.visible_incident(number)
    if not access.may_see_report(report_id):
        raise RuleError("report.not_linked", {"id": report_id}, kind="not_found")
    use_cases.unlink_report(incident.id, report_id, *author(incident.version))
    return Response(status=204)


class TicketIn(Arguments):
    """A ticket in another system."""

    system = Text(tickets.SYSTEM_LIMIT, is_line=True, required=True, metadata={"example": "Jira"})
    key = Text(tickets.KEY_LIMIT, is_line=True, required=True, metadata={"example": "SEC-7"})
    url = Text(URL_LIMIT, is_line=True, required=True, metadata={"example": "https://jira.example.org/browse/SEC-7"})


@incidents_blueprint.route("/incidents/<number>/tickets", methods=["GET"])
@needs("incident.read")
@incidents_blueprint.response(200, page_of(TicketOut))
def list_tickets(number: str) -> Response:
    """List the tickets of other systems to which an incident is linked, the oldest first; all on one page."""
    rows = tickets_of(access.visible_incident(number).id)
    return respond({"items": [ticket_document(row) for row in rows], "next": None})


@incidents_blueprint.route("/incidents/<number>/tickets", methods=["POST"])
@needs("incident.change")
@incidents_blueprint.arguments(TicketIn)
@incidents_blueprint.response(201, TicketOut)
def add_ticket(given: dict[str, Any], number: str) -> Response:
    """Link an incident to a ticket in another system."""
    incident, actor = access.visible_incident(number), require_caller().actor
    incident_id, version = incident.id, read_version(incident.version)
    return create(
        lambda idempotency: tickets.link_ticket(
            incident_id, **given, by=actor, now=now(), idempotency=idempotency, version=version
        ),
        ticket_document,
    )


@incidents_blueprint.route(f"/incidents/<number>/tickets/{ID.format('ticket_id')}", methods=["DELETE"])
@needs("incident.change")
@incidents_blueprint.response(204)
def remove_ticket(number: str, ticket_id: int) -> Response:
    """Remove the link to a ticket."""
    incident = access.visible_incident(number)
    tickets.unlink_ticket(incident.id, ticket_id, *author(incident.version))
    return Response(status=204)
