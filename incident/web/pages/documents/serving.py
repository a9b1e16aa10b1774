"""Forms of the service of documents, and the page of those that are not served."""

from typing import Final

from flask import request, url_for

from incident.actions.documents.serving import draft_receipt, record_service
from incident.core.documents.ways_of_service import CONSENT_LIMIT, PARTY_LIMIT, SERVICE_WAYS, TERM_LIMIT, NewService
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment
from incident.store.db.database import db
from incident.store.documents.documents import OfficialDocument
from incident.store.queries.document_list import running_terms, unserved_documents
from incident.web.http.idempotency import form_idempotency
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.document_words import kind_words
from incident.web.pages.documents.documents import DOCUMENT_PATH, DOCUMENTS_SHOWN, show_document
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import visible_document, visible_service
from incident.web.security.evidence_access import require_proofs

TERMS_SHOWN: Final = 100
"""Terms that the page shows, those due next; the API has all."""


@pages.get("/documents/unserved")
@needs("document.read")
def unserved_documents_page() -> Page:
    """Show documents that must be served and are not, the one that waits longest first, and terms that run."""
    at = read_cursor(request.args.get("cursor"), (str, int))
    after = None if at is None else (parse_moment(at[0], "?cursor"), at[1])
    found = unserved_documents(access.viewer(), after, DOCUMENTS_SHOWN + 1)
    shown, following = cut(found, DOCUMENTS_SHOWN, lambda one: (format_moment(one[2]), one[0].id))
    next_page = url_for("pages.unserved_documents_page", cursor=following) if following else None
    return render(
        "documents/unserved.html",
        rows=shown,
        following=next_page,
        kind_words=kind_words,
        terms=running_terms(access.viewer(), None, TERMS_SHOWN) if at is None else (),
        present=now(),
    )


@pages.post(f"{DOCUMENT_PATH}/service")
@needs("document.write")
def serve_document_form(document_id: int) -> Page:
    """Record an attempt to serve a document; the form sent twice records one."""
    row, zone = visible_document(document_id), current_instance().settings.zone
    outcomes: list[bool] = []

    def use_case() -> None:
        form = Form()
        version, given = form.number("version"), _read_service(form)
        require_proofs(access.incident_of(row), given.evidence)
        outcomes.append(given.is_served)
        record_service(row.id, given, zone, require_caller().actor, now(), version, form_idempotency())

    return submit(
        use_case,
        lambda: show_document(row),
        lambda: url_for("pages.one_document", document_id=row.id, _anchor="service"),
        lambda: "document_served" if outcomes[0] else "document_not_served",
    )


def _read_service(form: Form) -> NewService:
    at, way = form.moment("at"), next((one for one in SERVICE_WAYS if one == form.raw("way")), None)
    if at is None and not form.has_fault("at"):
        form.faults.append(RuleError("document.missing", pointer="/at"))
    if way is None:
        form.faults.append(RuleError("document.missing", pointer="/way"))
    to, days = form.named("to", PARTY_LIMIT), form.number("term_days")
    if days is not None and not 1 <= days <= TERM_LIMIT:
        form.faults.append(RuleError("document.out_of_bounds", {"least": 1, "most": TERM_LIMIT}, pointer="/term_days"))
    lines = {name: form.text(name, PARTY_LIMIT) for name in ("place", "proxy", "witness")}
    reason, consent = form.text("reason", REASON_LIMIT), form.text("consent", CONSENT_LIMIT)
    evidence = form.numbers("evidence")
    form.finish()
    return NewService(
        way=way or SERVICE_WAYS[0],
        to=to,
        at=at or now(),
        is_served=form.raw("outcome") != "not_served",
        reason=reason,
        consent=consent,
        evidence=evidence,
        term_days=days,
        **lines,
    )


@pages.post("/document-services/<int(max=2147483647):service_id>/receipt")
@needs("document.write")
def draft_receipt_form(service_id: int) -> Page:
    """Draft the proof of service of an attempt that succeeded."""
    service, zone = visible_service(service_id), current_instance().settings.zone
    drafted: list[int] = []

    def use_case() -> None:
        drafted.append(draft_receipt(service.id, zone, require_caller().actor, now()).id)

    return submit(
        use_case,
        lambda: show_document(db.session.get_one(OfficialDocument, service.document_id)),
        lambda: url_for("pages.one_document", document_id=drafted[0]),
        "document_receipt_drafted",
    )
