"""Files of a document on its page: asked for, being made, and the download."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from incident.actions.documents.document_files import present_files
from incident.actions.documents.document_proofs import read_document_proof
from incident.core.values.faults import RuleError
from incident.store.documents.document_files import FILE_FORMATS, FileFormat
from incident.web.http.conditional import respond
from incident.web.http.document_sheet import asked_file, file_response
from incident.web.instance import current_instance, document_signer, now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.document_views import shown_files
from incident.web.pages.documents.documents import DOCUMENT_PATH, show_document
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import visible_document


def _format(given: str | None) -> FileFormat | None:
    return next((one for one in FILE_FORMATS if one == given), None)


@pages.get(f"{DOCUMENT_PATH}/files")
@needs("document.read")
def document_files_now(document_id: int) -> Page:
    """Return the state of the files of a document, for the page that shows it."""
    row = visible_document(document_id)
    return render("documents/files.html", row=row, files=shown_files(row))


@pages.post(f"{DOCUMENT_PATH}/files")
@needs("document.read")
def request_document_file(document_id: int) -> Page:
    """Have a file of a document made."""
    row = visible_document(document_id)

    def use_case() -> None:
        chosen = _format(request.form.get("format"))
        if chosen is None:
            raise RuleError("document.not_a_choice", {"choices": ", ".join(FILE_FORMATS)}, pointer="/format")
        asked_file(row, chosen)

    return submit(
        use_case,
        lambda: show_document(row),
        lambda: url_for("pages.one_document", document_id=row.id, _anchor="files"),
        "document_file_asked",
    )


@pages.get(f"{DOCUMENT_PATH}/proof.json")
@needs("document.read")
def document_proof(document_id: int) -> Response:
    """Download the signed content of a document, for `incident document verify`."""
    row = visible_document(document_id)
    if row.signed_at is None:
        raise NotFound
    proof = read_document_proof(row, access.incident_of(row), document_signer(), require_caller().actor, now())
    made = respond(proof)
    made.headers["Content-Disposition"] = f'attachment; filename="document-{row.id}.json"'
    return made


@pages.get(f"{DOCUMENT_PATH}/files/<file_format>")
@needs("document.read")
def document_file_content(document_id: int, file_format: str) -> Response:
    """Download a file of a document that was made."""
    row = visible_document(document_id)
    zone = current_instance().settings.zone
    found = present_files(row, access.incident_of(row), zone).get(_format(file_format) or "")
    if found is None or found.state != "ready":
        raise NotFound
    return file_response(row, found)
