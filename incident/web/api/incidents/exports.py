"""Exports of the list of incidents: asked for, made by a job, downloaded by who asked."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from incident.actions.incidents import exports as use_cases
from incident.actions.incidents.exports import NewExport
from incident.core.incidents.listing.export import EXPORT_FORMATS, EXPORT_STATES, MAX_EXPORTED
from incident.core.incidents.listing.tabs import COLUMNS, USUAL_COLUMNS, known_columns
from incident.core.values.error_messages import say
from incident.core.values.moment import format_moment
from incident.store.incidents.exports import ListExport
from incident.store.queries.export_filter import filter_document
from incident.web.api import schema_parts
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, PREFIX, noun
from incident.web.api.fields import Choice, Items
from incident.web.api.incidents.incident_query import IncidentFilters, queried_filter
from incident.web.http.conditional import respond
from incident.web.http.export_download import export_response
from incident.web.http.idempotency import create
from incident.web.i18n import current, gettext
from incident.web.instance import now
from incident.web.security import export_access
from incident.web.security.auth import needs, require_caller

_CONTENT = {
    "text/csv": {"schema": {"type": "string"}},
    "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
}

blueprint = noun("exports", "Exports of the list of incidents, made by a job.")


class ExportOut(Schema):
    """An export and its progress."""

    id = schema_parts.number()
    format = schema_parts.text(enum=list(EXPORT_FORMATS))
    state = schema_parts.text(enum=list(EXPORT_STATES))
    columns = schema_parts.list_of(fields.String(), "the chosen columns, after number, title, status, grade and TLP")
    rows_done = schema_parts.number("incidents that were looked at")
    rows_total = schema_parts.maybe_number("incidents that were found; null until then")
    fault = schema_parts.maybe("why it failed")
    asked_at = schema_parts.at()
    ended_at = schema_parts.maybe_at()
    expires_at = schema_parts.at("it is deleted then")
    content = schema_parts.maybe("where its content is; null until it is ready")


class ExportsOut(Schema):
    """The caller's exports, the newest first."""

    items = schema_parts.list_of(ExportOut)


class ExportIn(IncidentFilters):
    """The format, and the filters and columns of the list."""

    format = Choice(EXPORT_FORMATS, required=True)
    columns = Items(
        Choice(COLUMNS),
        len(COLUMNS),
        load_default=USUAL_COLUMNS,
        metadata={"description": "beside number, title, status, grade and TLP"},
    )


def export_document(export: ListExport) -> Document:
    """Serialize an export."""
    fault = export.fault
    return {
        "id": export.id,
        "format": export.format,
        "state": export.state,
        "columns": export.columns,
        "rows_done": export.rows_done,
        "rows_total": export.rows_total,
        "fault": None if fault is None else say(fault, {"most": f"{MAX_EXPORTED:,}"}, gettext),
        "asked_at": format_moment(export.asked_at),
        "ended_at": moment(export.ended_at),
        "expires_at": format_moment(export.expires_at),
        "content": f"{PREFIX}/exports/{export.id}/content" if export.state == "ready" else None,
    }


@blueprint.route("/exports", methods=["POST"])
@needs("incident.read")
@blueprint.arguments(ExportIn)
@blueprint.response(201, ExportOut)
def request_export(given: dict[str, Any]) -> Response:
    """Ask for an export of the incidents that the filters select; a job makes it."""
    asking = require_caller()
    new = NewExport(
        format=given["format"],
        filter=filter_document(queried_filter(given), given["q"]),
        sort=given["sort"],
        columns=known_columns(given["columns"]),
        language=current(),
        person_id=asking.person_id,
        token_id=export_access.exporting_token(),
    )
    return create(
        lambda idempotency: use_cases.request_export(new, asking.actor, now(), idempotency),
        export_document,
        lambda document: f"{PREFIX}/exports/{document['id']}",
    )


@blueprint.route("/exports", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, ExportsOut)
def list_exports() -> Response:
    """List the caller's exports."""
    return respond({"items": [export_document(one) for one in export_access.own_exports()]})


@blueprint.route(f"/exports/{ID.format('export_id')}", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, ExportOut)
def read_export(export_id: int) -> Response:
    """Read the progress of an export of the caller."""
    return respond(export_document(export_access.own_export(export_id)))


@blueprint.route(f"/exports/{ID.format('export_id')}/content", methods=["GET"])
@needs("incident.read")
@blueprint.doc(responses={"200": {"description": "OK", "content": _CONTENT}})
def download_export(export_id: int) -> Response:
    """Download an export of the caller: CSV in UTF-8, or an array of JSON."""
    return export_response(export_access.downloadable_export(export_id))


@blueprint.route(f"/exports/{ID.format('export_id')}", methods=["DELETE"])
@needs("incident.read")
@blueprint.response(204)
def delete_export(export_id: int) -> Response:
    """Delete an export of the caller, also one that is being made."""
    use_cases.delete_export(export_access.own_export(export_id).id, require_caller().actor, now())
    return Response(status=204)
