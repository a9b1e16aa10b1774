"""Evidence of incidents: uploads in parts, the list, downloads, the second look, removal from view."""

from typing import Any, Final

from flask import Response, request

from incident.actions.incidents import evidence_custody, evidence_upload
from incident.actions.incidents.evidence_bundle import export_evidence
from incident.actions.incidents.evidence_upload import CompletedUpload, NewUpload
from incident.core.incidents.evidence.file_type import is_disguised
from incident.core.incidents.evidence.scan import NOT_SCANNED
from incident.core.incidents.evidence.upload import PART_SIZE
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence, part_digests
from incident.store.incidents.incidents import Incident
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, PREFIX, WithNeededReason, noun
from incident.web.api.incidents.evidence_schemas import CompletedOut, EvidenceFileOut, PartsOut, UploadIn
from incident.web.api.schema_parts import page_of
from incident.web.http.body_limits import max_body
from incident.web.http.conditional import respond
from incident.web.http.evidence_download import bundle_response, evidence_response
from incident.web.http.idempotency import create
from incident.web.instance import current_instance, evidence_key, evidence_vault, now
from incident.web.security import access, evidence_access
from incident.web.security.auth import needs, require_caller

OFFSET: Final = "Upload-Offset"
_OFFSET = {
    "in": "header",
    "name": OFFSET,
    "required": True,
    "schema": {"type": "integer", "minimum": 0},
    "description": "where the part begins in the file: `received` of the upload",
}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
blueprint = noun("evidence", "Files that are kept as evidence of incidents.")

_ONE: Final = f"/incidents/<number>/evidence/{ID.format('evidence_id')}"


def evidence_document(row: Evidence, number: str) -> Document:
    """Serialize a file of an incident."""
    can_download = evidence_access.may_download_file(row)
    return {
        "id": row.id,
        "name": row.name,
        "size": row.size,
        "received": row.received,
        "part_size": PART_SIZE,
        "state": row.state,
        "sha256": row.sha256,
        "media_type": row.media_type,
        "is_disguised": row.media_type is not None and is_disguised(row.name, row.media_type),
        "scan": row.scan or NOT_SCANNED,
        "scan_detail": row.scan_detail,
        "scanned_at": None if row.scanned_at is None else format_moment(row.scanned_at),
        "uploaded_by": row.uploaded_by,
        "uploaded_at": format_moment(row.stored_at or row.begun_at),
        "is_released": row.released_at is not None,
        "released_by": row.released_by,
        "released_at": moment(row.released_at),
        "removed_by": row.removed_by,
        "removed_at": moment(row.removed_at),
        "removal_reason": row.removal_reason,
        "content": f"{PREFIX}/incidents/{number}/evidence/{row.id}/content" if can_download else None,
    }


def _document(row: Evidence) -> Document:
    return evidence_document(row, db.session.get_one(Incident, row.incident_id).number)


@blueprint.route("/incidents/<number>/evidence", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, page_of(EvidenceFileOut))
def list_evidence(number: str) -> Response:
    """List the evidence of an incident and the caller's unfinished uploads, the oldest first; all on one page."""
    incident = access.visible_incident(number)
    rows = evidence_access.visible_evidence(incident)
    return respond({"items": [evidence_document(row, number) for row in rows], "next": None})


@blueprint.route("/incidents/<number>/evidence", methods=["POST"])
@needs("evidence.write")
@blueprint.arguments(UploadIn)
@blueprint.response(201, EvidenceFileOut)
def begin_evidence_upload(given: dict[str, Any], number: str) -> Response:
    """Begin an upload; its parts follow, then its completion."""
    incident_id, asking = access.visible_incident(number).id, require_caller()
    new = NewUpload(given["name"], given["size"], asking.owner)
    max_size = current_instance().settings.evidence.max_size
    return create(
        lambda idempotency: evidence_upload.begin_upload(
            incident_id, new, evidence_vault(), max_size, asking.actor, now(), idempotency
        ),
        _document,
        lambda document: f"{PREFIX}/incidents/{number}/evidence/{document['id']}",
    )


@blueprint.route(_ONE, methods=["GET"])
@needs("incident.read")
@blueprint.response(200, EvidenceFileOut)
def read_evidence(number: str, evidence_id: int) -> Response:
    """Read what is known of a file, or how much of an upload has arrived."""
    return respond(evidence_document(evidence_access.visible_file(number, evidence_id), number))


@blueprint.route(_ONE, methods=["DELETE"])
@needs("evidence.write")
@blueprint.response(204)
def cancel_evidence_upload(number: str, evidence_id: int) -> Response:
    """Cancel an unfinished upload of the caller."""
    row = evidence_access.own_upload(number, evidence_id)
    evidence_upload.cancel_upload(row.id, evidence_vault(), require_caller().actor, now())
    return Response(status=204)


@blueprint.route(f"{_ONE}/content", methods=["PATCH"], parameters=[_OFFSET])
@needs("evidence.write")
@max_body(PART_SIZE)
@blueprint.response(200, EvidenceFileOut)
@blueprint.doc(requestBody={"required": True, "content": {"application/octet-stream": _BINARY}})
def add_evidence_part(number: str, evidence_id: int) -> Response:
    """Add the next part to an upload of the caller; once answered, it is not lost."""
    row = evidence_access.own_upload(number, evidence_id)
    offset, body, actor = _read_offset(), request.get_data(cache=False), require_caller().actor
    return respond(_document(evidence_upload.add_part(row.id, offset, body, evidence_vault(), actor, now())))


def _read_offset() -> int:
    given = request.headers.get(OFFSET, "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise RuleError("evidence.no_offset")
    return int(given)


@blueprint.route(f"{_ONE}/parts", methods=["GET"])
@needs("evidence.write")
@blueprint.response(200, PartsOut)
def read_evidence_parts(number: str, evidence_id: int) -> Response:
    """Read the hash of each part that has arrived of an upload of the caller."""
    return respond({"digests": list(part_digests(evidence_access.own_upload(number, evidence_id).id))})


@blueprint.route("/incidents/<number>/evidence-bundle", methods=["GET"])
@needs("evidence.export")
@blueprint.doc(responses={"200": {"description": "OK", "content": {"application/zip": _BINARY}}})
def export_evidence_bundle(number: str) -> Response:
    """Export the evidence of an incident as a ZIP archive with a signed manifest; the journal records it."""
    incident_id, settings = access.visible_incident(number).id, current_instance().settings
    exported = export_evidence(incident_id, evidence_key(), settings.public_url, require_caller().actor, now())
    return bundle_response(exported, number)


@blueprint.route(f"{_ONE}/complete", methods=["POST"])
@needs("evidence.write")
@blueprint.response(200, CompletedOut)
def complete_evidence_upload(number: str, evidence_id: int) -> Response:
    """Complete an upload of the caller: its content is read once more, and its hash and type are found.

    The same request again gets the file that is stored then.
    """
    row = evidence_access.begun_upload(number, evidence_id)
    done = evidence_upload.complete_upload(row.id, evidence_vault(), require_caller().actor, now())
    return respond(completed_document(done))


def completed_document(done: CompletedUpload) -> Document:
    """Serialize a completed upload."""
    return _document(done.evidence) | {"is_repeated": done.is_repeated}


@blueprint.route(f"{_ONE}/content", methods=["GET"])
@needs("incident.read")
@blueprint.doc(responses={"200": {"description": "OK", "content": {"application/octet-stream": _BINARY}}})
def download_evidence(number: str, evidence_id: int) -> Response:
    """Download a file; the journal and the access log record it. Before its release, only who handles evidence may."""
    row = evidence_access.downloadable_file(number, evidence_id)
    answer = evidence_response(row)
    evidence_custody.record_download(row.id, require_caller().actor, now())
    return answer


@blueprint.route(f"{_ONE}/release", methods=["POST"])
@needs("evidence.write")
@blueprint.response(200, EvidenceFileOut)
def release_file(number: str, evidence_id: int) -> Response:
    """Release a file after a second look: another person than its sender; a program's file needs two people."""
    row = evidence_access.visible_file(number, evidence_id)
    return respond(_document(evidence_custody.release_evidence(row.id, require_caller().actor, now())))


@blueprint.route(f"{_ONE}/remove", methods=["POST"])
@needs("evidence.remove")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, EvidenceFileOut)
def remove_file(given: dict[str, Any], number: str, evidence_id: int) -> Response:
    """Remove a file from view, with a reason; its hash and its history stay."""
    row = evidence_access.visible_file(number, evidence_id)
    actor = require_caller().actor
    return respond(_document(evidence_custody.remove_evidence(row.id, given["reason"], actor, now())))


@blueprint.route(f"{_ONE}/restore", methods=["POST"])
@needs("evidence.remove")
@blueprint.response(200, EvidenceFileOut)
def restore_file(number: str, evidence_id: int) -> Response:
    """Show a file again that was removed from view."""
    row = evidence_access.visible_file(number, evidence_id)
    return respond(_document(evidence_custody.restore_evidence(row.id, require_caller().actor, now())))
