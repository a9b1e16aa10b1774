"""Steps of the flow of a document: submission, sign-offs, return, void, archive; the signature takes the number."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from incident.actions.documents.document_files import queue_file
from incident.actions.documents.document_flows import flow_of, record_step, store_flow
from incident.actions.documents.document_proofs import DocumentSigner, keep_signed_content
from incident.actions.documents.drafting import content_hash_of, locked_document
from incident.actions.documents.kind_versions import kind_at
from incident.actions.documents.reminders import keep_reminders
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.documents import flow as rules
from incident.core.documents.content import missing_fields
from incident.core.documents.flow import DocumentFlow, Step
from incident.core.documents.numbering import document_number
from incident.core.operations.approval import approver_of
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.store.db.database import db
from incident.store.documents.documents import DocumentSignOff, OfficialDocument, is_number_taken
from incident.store.documents.incoming import papers_answered_by
from incident.store.documents.series import series_called, take_count
from incident.store.documents.service_attempts import services_of
from incident.store.incidents.incidents import Incident

STEP_EVENTS: Final[Mapping[Step, str]] = {
    "review": "document.reviewed",
    "legal_review": "document.legal_reviewed",
    "countersign": "document.countersigned",
    "sign": "document.signed",
    "seal": "document.sealed",
}
"""The event type of the journal for each step."""

OWES: Final = frozenset({"document.signed", "document.sealed", "document.voided"})
"""Event types of the steps that change what is owed: a service, a term, or the answer to a paper."""


def submit_draft(document_id: int, by: str, now: dt.datetime, version: int | None = None) -> OfficialDocument:
    """Send a complete draft to its review.

    Args:
        document_id: the document.
        by: who.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.

    Raises:
        RuleError: `official_document.field_missing` for each required field without a value (conflict);
            `version.stale`, the fault of another state (conflict).
    """

    def submit(_uow: UnitOfWork, row: OfficialDocument, flow: DocumentFlow) -> DocumentFlow:
        done = rules.submit_document(flow)
        raise_all(missing_faults(row))
        row.return_reason = None
        return done

    return _take(document_id, "document.submitted", submit, by, now, version)


def sign_off_document(
    document_id: int,
    step: Step,
    department: str | None,
    zone: dt.tzinfo,
    by: str,
    now: dt.datetime,
    version: int | None = None,
    signer: DocumentSigner | None = None,
) -> OfficialDocument:
    """Take the step that a document waits for; the signature takes the next number, and has the PDF made.

    Args:
        document_id: the document.
        step: the step.
        department: the code of the person's own department, for which they countersign.
        zone: whose year counts for the number.
        by: the person.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.
        signer: signs the content at the signature; None leaves that to the first who reads it.

    Raises:
        RuleError: `approval.not_by_person` (forbidden) for a program; `official_document.no_series`,
            `official_document.number_taken`, `version.stale` (conflict); those of `core.documents.flow.sign_off`.
    """

    def take(uow: UnitOfWork, row: OfficialDocument, flow: DocumentFlow) -> DocumentFlow:
        person = approver_of(by)
        done = rules.sign_off(flow, step, person, department)
        last = done.sign_offs[-1]
        uow.add(
            DocumentSignOff(
                document_id=row.id,
                step=step,
                department=last.department,
                signer=person,
                signed_by=by,
                signed_at=now,
                content_hash=row.content_hash,
            )
        )
        if step == "sign":
            _take_number(row, now.astimezone(zone).year)
            row.signed_at = now
        if step == "seal" and kind_at(row.kind_hash).needs_service:
            row.unserved_at = now
        return done

    def print_signed(uow: UnitOfWork, row: OfficialDocument, incident: Incident) -> None:
        queue_file(uow, row, incident, "pdf", zone)
        if signer is not None:
            keep_signed_content(uow, row, incident, signer)

    after = print_signed if step == "sign" else None
    return _take(document_id, STEP_EVENTS[step], take, by, now, version, after, department=department)


def return_to_drafter(
    document_id: int, reason: str, by: str, now: dt.datetime, version: int | None = None
) -> OfficialDocument:
    """Return a document to its drafter with a reason; its sign-offs are needed again.

    Raises:
        RuleError: `version.stale`, the fault of its state (conflict).
    """

    def give_back(_uow: UnitOfWork, row: OfficialDocument, flow: DocumentFlow) -> DocumentFlow:
        row.return_reason = reason
        return rules.return_document(flow)

    return _take(document_id, "document.returned", give_back, by, now, version, reason=reason)


def void_official_document(
    document_id: int, reason: str, by: str, now: dt.datetime, version: int | None = None
) -> OfficialDocument:
    """Void a document with a reason; it keeps the number that it has.

    Raises:
        RuleError: `version.stale`, `official_document.is_archived`, `official_document.is_void` (conflict).
    """

    def void(_uow: UnitOfWork, row: OfficialDocument, flow: DocumentFlow) -> DocumentFlow:
        row.voided_at, row.voided_by, row.void_reason = now, by, reason
        row.unserved_at = None
        return rules.void_document(flow)

    return _take(document_id, "document.voided", void, by, now, version, reason=reason)


def archive_official_document(
    document_id: int, by: str, now: dt.datetime, version: int | None = None
) -> OfficialDocument:
    """File away a document that is served, or sealed when it need not be served.

    Raises:
        RuleError: `version.stale`, `official_document.is_unserved`, the fault of another state (conflict).
    """
    return _take(
        document_id,
        "document.archived",
        lambda _uow, row, flow: rules.archive_document(flow, is_unserved=row.unserved_at is not None),
        by,
        now,
        version,
    )


def missing_faults(row: OfficialDocument) -> list[RuleError]:
    """Return a fault for each required field of a document that has no value."""
    kind = kind_at(row.kind_hash)
    return [
        RuleError(
            "official_document.field_missing",
            {"field": one.label[kind.language]},
            pointer=f"/fields/{one.key}",
            kind="conflict",
        )
        for one in missing_fields(kind, row.values)
    ]


def _take(
    document_id: int,
    event_type: str,
    step: Callable[[UnitOfWork, OfficialDocument, DocumentFlow], DocumentFlow],
    by: str,
    now: dt.datetime,
    version: int | None,
    after: Callable[[UnitOfWork, OfficialDocument, Incident], None] | None = None,
    **more: object,
) -> OfficialDocument:
    """Take one step of the flow in one transaction; refuse a content that does not match its hash."""
    with transaction(by, now) as uow:
        row, incident = locked_document(document_id)
        refuse_stale(row.version, version)
        _require_content(row, incident)
        before = flow_of(row)
        store_flow(uow, row, before, step(uow, row, before))
        db.session.flush()
        record_step(uow, event_type, row, incident, **more)
        if after is not None:
            after(uow, row, incident)
        if event_type in OWES:
            _keep_owed(uow, row)
    return row


def _keep_owed(uow: UnitOfWork, row: OfficialDocument) -> None:
    """Set or end the reminders of what a step begins or ends."""
    keep_reminders(uow, "unserved", row.id)
    for service in services_of(row.id):
        if service.due_at is not None:
            keep_reminders(uow, "term", service.id)
    for paper in papers_answered_by(row.id):
        keep_reminders(uow, "paper", paper.id)


def _require_content(row: OfficialDocument, incident: Incident) -> None:
    if content_hash_of(row, incident) != row.content_hash and row.state != "draft":
        raise RuleError("official_document.content_changed", kind="conflict")


def _take_number(row: OfficialDocument, year: int) -> None:
    """Take the next number of the document's series; the series stays locked until the transaction ends."""
    kind = kind_at(row.kind_hash)
    series = series_called(kind.series)
    if series is None:
        raise RuleError("official_document.no_series", kind="conflict")
    count = take_count(series.counted_by, series.series, year, is_drill=row.is_drill)
    number = document_number(series, year, count, is_drill=row.is_drill)
    if is_number_taken(series.series, number, is_drill=row.is_drill):
        raise RuleError("official_document.number_taken", {"number": number}, kind="conflict")
    row.series, row.number_year, row.count, row.number = series.series, year, count, number
