"""Links between reports and incidents: endpoints of the reports that respond with the incident."""

from typing import Any

from flask import Response

from incident.actions.reports import reports as use_cases
from incident.core.values.faults import RuleError
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID
from incident.web.api.fields import Number
from incident.web.api.incidents.incident_documents import incident_with_reports
from incident.web.api.incidents.incident_schemas import IncidentReported
from incident.web.api.reports.reports import blueprint
from incident.web.http.conditional import author, read_version
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
