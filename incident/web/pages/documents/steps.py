"""Forms of the flow of a document: each step, the return, void and archive."""

import datetime as dt
from collections.abc import Callable

from flask import url_for

from incident.actions.documents import sign_offs
from incident.core.documents.flow import Step
from incident.core.incidents.incident import REASON_LIMIT
from incident.store.documents.documents import OfficialDocument
from incident.web.instance import current_instance, document_signer, now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.documents import DOCUMENT_PATH, show_document
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, submit
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import own_code, returnable_document, visible_document


@pages.post(f"{DOCUMENT_PATH}/submit")
@needs("document.write")
def submit_document_form(document_id: int) -> Page:
    """Submit a complete draft for review."""
    row = visible_document(document_id)
    return _do(row, lambda version: sign_offs.submit_draft(row.id, *_who(), version), "document_submitted")


@pages.post(f"{DOCUMENT_PATH}/review")
@needs("document.review")
def review_document_form(document_id: int) -> Page:
    """Pass the review."""
    return _sign(document_id, "review")


@pages.post(f"{DOCUMENT_PATH}/legal-review")
@needs("document.legal_review")
def legal_review_document_form(document_id: int) -> Page:
    """Pass the legal review."""
    return _sign(document_id, "legal_review")


@pages.post(f"{DOCUMENT_PATH}/countersign")
@needs("document.countersign")
def countersign_document_form(document_id: int) -> Page:
    """Countersign for the viewer's own department."""
    return _sign(document_id, "countersign")


@pages.post(f"{DOCUMENT_PATH}/sign")
@needs("document.sign")
def sign_document_form(document_id: int) -> Page:
    """Sign a document, which takes its number."""
    return _sign(document_id, "sign", "document_signed")


@pages.post(f"{DOCUMENT_PATH}/seal")
@needs("document.seal")
def seal_document_form(document_id: int) -> Page:
    """Record the seal of a signed document."""
    return _sign(document_id, "seal", "document_sealed")


@pages.post(f"{DOCUMENT_PATH}/return")
@needs("document.countersign")
def return_document_form(document_id: int) -> Page:
    """Return a document to its drafter with a reason."""
    row = returnable_document(document_id)
    return _do_with_reason(row, "return_reason", sign_offs.return_to_drafter, "document_returned")


@pages.post(f"{DOCUMENT_PATH}/void")
@needs("document.void")
def void_document_form(document_id: int) -> Page:
    """Void a document with a reason."""
    row = visible_document(document_id)
    return _do_with_reason(row, "void_reason", sign_offs.void_official_document, "document_voided")


@pages.post(f"{DOCUMENT_PATH}/archive")
@needs("document.seal")
def archive_document_form(document_id: int) -> Page:
    """File a sealed document away."""
    row = visible_document(document_id)
    return _do(row, lambda version: sign_offs.archive_official_document(row.id, *_who(), version), "document_archived")


def _sign(document_id: int, step: Step, said: str = "document_signed_off") -> Page:
    row, zone = visible_document(document_id), current_instance().settings.zone

    def use_case(version: int | None) -> object:
        department = own_code() if step == "countersign" else None
        signer = document_signer() if step == "sign" else None
        return sign_offs.sign_off_document(row.id, step, department, zone, *_who(), version, signer)

    return _do(row, use_case, said)


def _do_with_reason(row: OfficialDocument, name: str, use_case: Callable[..., object], said: str) -> Page:
    def with_reason(version: int | None) -> object:
        form = Form()
        reason = form.needed(name, REASON_LIMIT)
        form.finish()
        return use_case(row.id, reason, *_who(), version)

    return _do(row, with_reason, said)


def _do(row: OfficialDocument, use_case: Callable[[int | None], object], said: str) -> Page:
    """Run a use case with the version that the viewer has read: nobody signs off what they did not see."""

    def with_version() -> None:
        form = Form()
        version = form.number("version")
        form.finish()
        use_case(version)

    return submit(
        with_version,
        lambda: show_document(row),
        lambda: url_for("pages.one_document", document_id=row.id),
        said,
    )


def _who() -> tuple[str, dt.datetime]:
    return require_caller().actor, now()
