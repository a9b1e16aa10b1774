"""Official documents as the API shows them."""

from collections.abc import Sequence

from incident.actions.documents.kind_versions import kind_at
from incident.core.documents.content import missing_fields
from incident.core.documents.flow import AWAITED
from incident.core.documents.kinds import DocumentField, DocumentKind
from incident.core.values.moment import format_moment
from incident.store.deadlines.clock_rows import filings_with_document
from incident.store.documents.documents import DocumentSignOff, OfficialDocument, sign_offs_of
from incident.store.documents.series import DocumentSeries
from incident.store.documents.service_attempts import DocumentService, services_of
from incident.store.incidents.incidents import Incident
from incident.web.api.document_parts import Document, moment
from incident.web.security import access


def kind_document(kind: DocumentKind) -> Document:
    """Serialize a kind of document."""
    return {
        "id": kind.id,
        "title": kind.title,
        "family": kind.family,
        "series": kind.series,
        "language": kind.language,
        "layout": kind.layout,
        "needs_legal_review": kind.needs_legal_review,
        "content_hash": kind.content_hash,
        "fields": [_field(one) for one in kind.fields],
    }


def _field(one: DocumentField) -> Document:
    return {
        "key": one.key,
        "label": one.label,
        "fact": one.fact,
        "is_required": one.is_required,
        "limit": one.limit,
        "choices": list(one.choices),
    }


def brief_document(row: OfficialDocument, incident: Incident) -> Document:
    """Serialize what a list says of a document."""
    return {
        "id": row.id,
        "incident": incident.number,
        "kind": row.kind,
        "title": row.title,
        "state": row.state,
        "marking": row.marking,
        "urgency": row.urgency,
        "is_drill": row.is_drill,
        "number": row.number,
        "drafted_by": row.drafted_by,
        "drafted_at": format_moment(row.drafted_at),
        "changed_at": format_moment(row.changed_at),
        "signed_at": moment(row.signed_at),
    }


def official_document(row: OfficialDocument) -> Document:
    """Serialize a document with its content and its flow."""
    missing = missing_fields(kind_at(row.kind_hash), row.values)
    return brief_document(row, access.incident_of(row)) | {
        "kind_hash": row.kind_hash,
        "cut_off_at": format_moment(row.cut_off_at),
        "facts": row.facts,
        "fields": row.words,
        "countersigners": row.countersigners,
        "content_hash": row.content_hash,
        "missing": [{"key": one.key, "label": one.label, "fact": one.fact} for one in missing],
        "awaits": AWAITED.get(row.state),
        "sign_offs": [_sign_off(one) for one in sign_offs_of(row.id)],
        "return_reason": row.return_reason,
        "unserved_at": moment(row.unserved_at),
        "services": [service_document(one) for one in services_of(row.id)],
        "filings": [
            {"id": one.id, "clock": one.clock_id, "at": format_moment(one.filed_at), "to": one.recipient}
            for one in filings_with_document(row.id)
        ],
        "voided_by": row.voided_by,
        "voided_at": moment(row.voided_at),
        "void_reason": row.void_reason,
    }


def _sign_off(one: DocumentSignOff) -> Document:
    return {
        "step": one.step,
        "department": one.department,
        "by": one.signed_by,
        "at": format_moment(one.signed_at),
        "content_hash": one.content_hash,
        "voided_at": moment(one.voided_at),
    }


def service_document(one: DocumentService) -> Document:
    """Serialize an attempt to serve a document."""
    return {
        "id": one.id,
        "document": one.document_id,
        "way": one.way,
        "to": one.recipient,
        "at": format_moment(one.served_at),
        "served": one.is_served,
        "place": one.place,
        "proxy": one.proxy,
        "witness": one.witness,
        "reason": one.reason,
        "consent": one.consent,
        "evidence": one.evidence,
        "term_days": one.term_days,
        "due_at": moment(one.due_at),
        "answered_at": moment(one.answered_at),
        "receipt": one.receipt_id,
        "by": one.recorded_by,
        "recorded_at": format_moment(one.recorded_at),
    }


def series_document(rows: Sequence[DocumentSeries]) -> Document:
    """Serialize how the numbers of all series are written."""
    return {"series": [{"series": one.series, "word": one.word, "form": one.form} for one in rows]}
