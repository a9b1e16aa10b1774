"""Service of official documents: attempts, proofs of service, and documents that are not served."""

from typing import Any

from flask import Response

from incident.actions.documents.serving import draft_receipt, record_service
from incident.core.documents.ways_of_service import NewService
from incident.core.values.moment import format_moment, parse_moment
from incident.store.queries.document_list import running_terms, unserved_documents
from incident.web.api import schema_parts
from incident.web.api.documents.document_schemas import (
    DocumentServiceIn,
    DocumentServiceOut,
    OfficialDocumentBrief,
    OfficialDocumentOut,
)
from incident.web.api.documents.written_documents import brief_document, official_document, service_document
from incident.web.api.endpoint import ID, PREFIX, Paged, noun
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import visible_document, visible_service
from incident.web.security.evidence_access import require_proofs

blueprint = noun("document-services", "Service of official documents: every attempt, with its proof.")


class UnservedDocument(OfficialDocumentBrief):
    """A document that must be served and is not."""

    unserved_at = schema_parts.at("since when it waits")


@blueprint.route(f"/documents/{ID.format('document_id')}/service", methods=["POST"])
@needs("document.write")
@blueprint.arguments(DocumentServiceIn)
@blueprint.response(201, DocumentServiceOut)
def serve_official_document(given: dict[str, Any], document_id: int) -> Response:
    """Record an attempt to serve a sealed document; one that failed leaves it among those that are not served."""
    row, zone = visible_document(document_id), current_instance().settings.zone
    actor, at, version = author(row.version)
    require_proofs(access.incident_of(row), given["evidence"])
    attempt = NewService(**given)
    return create(
        lambda idempotency: record_service(row.id, attempt, zone, actor, at, version, idempotency), service_document
    )


@blueprint.route(f"/document-services/{ID.format('service_id')}/receipt", methods=["POST"])
@needs("document.write")
@blueprint.response(201, OfficialDocumentOut)
def draft_proof_of_service(service_id: int) -> Response:
    """Draft the proof of service, filled in from an attempt that succeeded."""
    service, zone = visible_service(service_id), current_instance().settings.zone
    made = draft_receipt(service.id, zone, require_caller().actor, now())
    return respond(official_document(made), made.version, status=201, location=f"{PREFIX}/documents/{made.id}")


@blueprint.route("/unserved-documents", methods=["GET"])
@needs("document.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(UnservedDocument))
def list_unserved_documents(given: dict[str, Any]) -> Response:
    """List documents that must be served and are not, the one that waits longest first."""
    place = read_cursor(given["cursor"], (str, int))
    after = None if place is None else (parse_moment(place[0], "?cursor"), place[1])
    found = unserved_documents(access.viewer(), after, given["limit"] + 1)
    items = [brief_document(row, its) | {"unserved_at": format_moment(since)} for row, its, since in found]
    shown, following = page(items, given["limit"], lambda one: (one["unserved_at"], one["id"]))
    return respond({"items": shown, "next": following})


@blueprint.route("/running-terms", methods=["GET"])
@needs("document.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(DocumentServiceOut))
def list_running_terms(given: dict[str, Any]) -> Response:
    """List services whose terms run and that nobody has answered, those due next first."""
    place = read_cursor(given["cursor"], (str, int))
    after = None if place is None else (parse_moment(place[0], "?cursor"), place[1])
    items = [service_document(one) for one, _row in running_terms(access.viewer(), after, given["limit"] + 1)]
    shown, following = page(items, given["limit"], lambda one: (one["due_at"], one["id"]))
    return respond({"items": shown, "next": following})
