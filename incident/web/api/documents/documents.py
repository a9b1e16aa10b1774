"""Official documents: kinds, numbers, drafts, the steps of their flow, and what is printed."""

from collections.abc import Callable
from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields

from incident.actions.documents import sign_offs
from incident.actions.documents.document_proofs import read_document_proof
from incident.actions.documents.drafting import NewDocument, change_draft, draft_document
from incident.actions.documents.series_settings import put_series, series_version
from incident.core.documents.flow import Step
from incident.core.documents.numbering import read_series
from incident.core.values.faults import RuleError
from incident.data.document_kinds import shipped_kinds
from incident.formats.papers.compiling import MEDIA
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.series import all_series
from incident.store.incidents.incidents import Incident, incident_by_number
from incident.store.incidents.merges import with_duplicates
from incident.store.queries import document_list
from incident.store.queries.document_list import DocumentFilter
from incident.web.api.documents.document_schemas import (
    DocumentChange,
    DocumentFileOut,
    DocumentIn,
    DocumentKindsOut,
    DocumentQuery,
    DocumentSeriesIn,
    DocumentSeriesOut,
    OfficialDocumentBrief,
    OfficialDocumentOut,
)
from incident.web.api.documents.written_documents import (
    brief_document,
    kind_document,
    official_document,
    series_document,
)
from incident.web.api.endpoint import ID, PREFIX, WithNeededReason, noun
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, read_version, respond
from incident.web.http.document_sheet import file_or_job, sheet_response
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, document_signer, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import own_code, returnable_document, visible_document

blueprint = noun("documents", "Official documents: drafted from facts, signed in order, numbered without gaps.")

_ONE: Final = f"/documents/{ID.format('document_id')}"

_BEING_MADE: Final = {
    "202": {
        "description": "it is being made: ask again after Retry-After",
        "content": {"application/json": {"schema": DocumentFileOut}},
    }
}


class SignedDocumentOut(Schema):
    """The content of a document with its signature."""

    certificate = fields.Dict(
        required=True,
        metadata={"description": "of `type` document/1: `content`, `content_hash`, `number`, `sign_offs`, `kind`"},
    )
    signature = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Ed25519 over `certificate` (RFC 8785); null before the signature"},
    )


@blueprint.route("/document-kinds", methods=["GET"])
@needs("document.read")
@blueprint.response(200, DocumentKindsOut)
def list_document_kinds() -> Response:
    """List the kinds of documents with their fields."""
    return respond({"items": [kind_document(one) for one in shipped_kinds().values()]})


@blueprint.route("/document-series", methods=["GET"])
@needs("document.read")
@blueprint.response(200, DocumentSeriesOut)
def read_document_series() -> Response:
    """Read how the numbers of documents are written."""
    rows = all_series()
    return respond(series_document(rows), series_version(rows))


@blueprint.route("/document-series", methods=["PUT"])
@needs("document.configure")
@blueprint.arguments(DocumentSeriesIn)
@blueprint.response(200, DocumentSeriesOut)
def put_document_series(given: dict[str, Any]) -> Response:
    """Replace how the numbers of documents are written; a new issuer word begins at 1."""
    version = read_version(series_version(all_series()))
    rows = put_series(read_series(given["series"]), require_caller().actor, now(), version)
    return respond(series_document(rows), series_version(rows))


@blueprint.route("/documents", methods=["POST"])
@needs("document.write")
@blueprint.arguments(DocumentIn)
@blueprint.response(201, OfficialDocumentOut)
def add_document(given: dict[str, Any]) -> Response:
    """Draft a document from what is known of an incident now."""
    incident, actor, zone = named_incident(given["incident"]), require_caller().actor, current_instance().settings.zone
    new = NewDocument(**{name: value for name, value in given.items() if name != "incident"})
    return create(
        lambda idempotency: draft_document(incident.id, new, zone, actor, now(), idempotency),
        official_document,
        lambda document: f"{PREFIX}/documents/{document['id']}",
    )


def named_incident(number: str) -> Incident:
    """Return the incident that a request names; raises RuleError when the caller may not see it."""
    found = incident_by_number(number)
    if found is None or not access.may_see(found):
        raise RuleError("official_document.incident_unknown", pointer="/incident")
    return found


@blueprint.route("/documents", methods=["GET"])
@needs("document.read")
@blueprint.arguments(DocumentQuery, location="query")
@blueprint.response(200, page_of(OfficialDocumentBrief))
def list_official_documents(given: dict[str, Any]) -> Response:
    """List documents, the newest first; those of an incident with those of its duplicates."""
    number = given["incident"]
    ids = with_duplicates(access.visible_incident(number).id) if number else None
    wanted = DocumentFilter(given["state"], given["kind"], given["q"], ids)
    after = (read_cursor(given["cursor"], (int,)) or (None,))[0]
    found = document_list.list_documents(access.viewer(), wanted, after, given["limit"] + 1)
    shown, following = page(found, given["limit"], lambda row: (row[0].id,))
    return respond({"items": [brief_document(*row) for row in shown], "next": following})


@blueprint.route(_ONE, methods=["GET"])
@needs("document.read")
@blueprint.response(200, OfficialDocumentOut)
def read_document(document_id: int) -> Response:
    """Read a document with its content and its flow."""
    row = visible_document(document_id)
    return respond(official_document(row), row.version)


@blueprint.route(f"{_ONE}.json", methods=["GET"])
@needs("document.read")
@blueprint.response(200, SignedDocumentOut)
def read_signed_document(document_id: int) -> Response:
    """Read the content of a document with its signature, for `incident document verify`."""
    row = visible_document(document_id)
    signer, actor = document_signer(), require_caller().actor
    return respond(read_document_proof(row, access.incident_of(row), signer, actor, now()))


@blueprint.route(f"{_ONE}.html", methods=["GET"])
@needs("document.read")
@blueprint.response(200, {"type": "string"}, content_type="text/html")
def print_document(document_id: int) -> Response:
    """Read a document as it is printed, laid out by GB/T 9704."""
    return sheet_response(visible_document(document_id))


@blueprint.route(f"{_ONE}.pdf", methods=["GET"])
@needs("document.read")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=MEDIA["pdf"])
@blueprint.doc(responses=_BEING_MADE)
def read_document_pdf(document_id: int) -> Response:
    """Read a document as PDF, laid out by GB/T 9704; a worker makes it."""
    return file_or_job(visible_document(document_id), "pdf")


@blueprint.route(f"{_ONE}.docx", methods=["GET"])
@needs("document.read")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=MEDIA["docx"])
@blueprint.doc(responses=_BEING_MADE)
def read_document_docx(document_id: int) -> Response:
    """Read a document for word processors, with the same content and layout as its PDF."""
    return file_or_job(visible_document(document_id), "docx")


@blueprint.route(_ONE, methods=["PATCH"])
@needs("document.write")
@blueprint.arguments(DocumentChange)
@blueprint.response(200, OfficialDocumentOut)
def change_official_document(given: dict[str, Any], document_id: int) -> Response:
    """Change words before the signature; a document that was submitted is a draft again. Needs If-Match."""
    row = visible_document(document_id)
    version = read_version(row.version, is_needed=True)
    zone, actor = current_instance().settings.zone, require_caller().actor
    return _answer(change_draft(row.id, given, zone, actor, now(), version))


@blueprint.route(f"{_ONE}/submit", methods=["POST"])
@needs("document.write")
@blueprint.response(200, OfficialDocumentOut)
def submit_document(document_id: int) -> Response:
    """Submit a complete draft for review."""
    return _step(document_id, sign_offs.submit_draft)


@blueprint.route(f"{_ONE}/review", methods=["POST"])
@needs("document.review")
@blueprint.response(200, OfficialDocumentOut)
def pass_document_review(document_id: int) -> Response:
    """Pass the review; the reviewer is another person than its authors."""
    return _sign(document_id, "review")


@blueprint.route(f"{_ONE}/legal-review", methods=["POST"])
@needs("document.legal_review")
@blueprint.response(200, OfficialDocumentOut)
def legal_review_document(document_id: int) -> Response:
    """Pass the legal review, which documents of enforcement need."""
    return _sign(document_id, "legal_review")


@blueprint.route(f"{_ONE}/countersign", methods=["POST"])
@needs("document.countersign")
@blueprint.response(200, OfficialDocumentOut)
def countersign_document(document_id: int) -> Response:
    """Countersign for the caller's own department; departments do so in any order."""
    return _sign(document_id, "countersign")


@blueprint.route(f"{_ONE}/sign", methods=["POST"])
@needs("document.sign")
@blueprint.response(200, OfficialDocumentOut)
def sign_document(document_id: int) -> Response:
    """Sign a document; it takes its number in the same transaction."""
    return _sign(document_id, "sign")


@blueprint.route(f"{_ONE}/seal", methods=["POST"])
@needs("document.seal")
@blueprint.response(200, OfficialDocumentOut)
def seal_document(document_id: int) -> Response:
    """Record that the seal was put on a signed document."""
    return _sign(document_id, "seal")


@blueprint.route(f"{_ONE}/return", methods=["POST"])
@needs("document.countersign")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, OfficialDocumentOut)
def return_document(given: dict[str, Any], document_id: int) -> Response:
    """Return a document to its drafter instead of taking the step that it waits for."""
    row = returnable_document(document_id)
    return _answer(sign_offs.return_to_drafter(row.id, given["reason"], *author(row.version)))


@blueprint.route(f"{_ONE}/void", methods=["POST"])
@needs("document.void")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, OfficialDocumentOut)
def void_document(given: dict[str, Any], document_id: int) -> Response:
    """Void a document with a reason; it keeps the number that it has."""
    row = visible_document(document_id)
    return _answer(sign_offs.void_official_document(row.id, given["reason"], *author(row.version)))


@blueprint.route(f"{_ONE}/archive", methods=["POST"])
@needs("document.seal")
@blueprint.response(200, OfficialDocumentOut)
def archive_document(document_id: int) -> Response:
    """File a sealed document away."""
    return _step(document_id, sign_offs.archive_official_document)


def _step(document_id: int, use_case: Callable[..., OfficialDocument]) -> Response:
    row = visible_document(document_id)
    return _answer(use_case(row.id, *author(row.version)))


def _sign(document_id: int, step: Step) -> Response:
    row, zone = visible_document(document_id), current_instance().settings.zone
    department = own_code() if step == "countersign" else None
    signer = document_signer() if step == "sign" else None
    return _answer(sign_offs.sign_off_document(row.id, step, department, zone, *author(row.version), signer))


def _answer(row: OfficialDocument) -> Response:
    return respond(official_document(row), row.version)
