"""Service of documents: every attempt is recorded, and a proof of service is drafted from one that succeeded."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from incident.actions.documents.document_flows import flow_of, record_step, store_flow
from incident.actions.documents.drafting import NewDocument, draft_in, locked_document
from incident.actions.documents.reminders import keep_reminders
from incident.actions.unit_of_work import IdempotentRequest, transaction
from incident.core.deadlines.counting import Period, period_end
from incident.core.documents.fact_words import moment_fact
from incident.core.documents.flow import serve_document
from incident.core.documents.ways_of_service import WAY_FACTS, NewService, check_service, unserved_parties
from incident.core.values.faults import RuleError, member, raise_all, refuse_stale
from incident.core.values.moment import format_moment
from incident.data.working_calendars import shipped
from incident.store.db.database import db
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.service_attempts import DocumentService, services_of
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import merged_with

RECEIPT_KIND: Final = "service-receipt"
CALENDAR: Final = "china"


def record_service(
    document_id: int,
    given: NewService,
    zone: ZoneInfo,
    by: str,
    now: dt.datetime,
    version: int | None = None,
    idempotency: IdempotentRequest | None = None,
) -> DocumentService:
    """Record an attempt to serve a sealed document; one that failed leaves it among those that are not served.

    Args:
        document_id: the document.
        given: the attempt.
        zone: whose days are counted for the term.
        by: who records it.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.
        idempotency: the caller's key.

    Raises:
        RuleError: `official_document.not_found` (not found); `version.stale`, the fault of another state (conflict);
            `document_service.evidence_unknown`; those of `check_service`.
    """
    with transaction(by, now, idempotency) as uow:
        row, incident = locked_document(document_id)
        refuse_stale(row.version, version)
        before, stored = flow_of(row), services_of(row.id)
        unserved = unserved_parties([*((one.recipient, one.is_served) for one in stored), (given.to, given.is_served)])
        after = serve_document(before, is_served=not unserved)
        files = _evidence(incident, given.evidence)
        check_service(given, [one.media_type for one in files], row.signed_at, now)
        service = uow.add(
            DocumentService(
                document_id=row.id,
                way=given.way,
                recipient=given.to,
                served_at=given.at,
                is_served=given.is_served,
                place=given.place,
                proxy=given.proxy,
                witness=given.witness,
                reason=given.reason,
                consent=given.consent,
                evidence=[{"id": one.id, "name": one.name, "sha256": one.sha256} for one in files],
                term_days=given.term_days if given.is_served else None,
                due_at=term_end(given.at, given.term_days, zone) if given.is_served else None,
                recorded_by=by,
                recorded_at=now,
            )
        )
        store_flow(uow, row, before, after)
        since = row.unserved_at
        row.unserved_at = (since or now) if unserved else None
        db.session.flush()
        if row.unserved_at != since:
            keep_reminders(uow, "unserved", row.id)
        keep_reminders(uow, "term", service.id)
        detail = {
            "way": given.way,
            "to": given.to,
            "at": format_moment(given.at),
            "reason": given.reason,
            "witness": given.witness,
            "evidence": service.evidence,
            "term_days": service.term_days,
        }
        event_type = "document.served" if given.is_served else "document.not_served"
        record_step(uow, event_type, row, incident, **detail)
        uow.store_response(service)
    return service


def draft_receipt(service_id: int, zone: ZoneInfo, by: str, now: dt.datetime) -> OfficialDocument:
    """Draft the proof of service of an attempt that succeeded, filled in from it.

    Args:
        service_id: the attempt.
        zone: in which moments are written.
        by: the drafter.
        now: when (UTC).

    Raises:
        RuleError: `document_service.not_found` (not found), `document_service.not_served`,
            `document_service.has_receipt` (conflict).
    """
    found = db.session.get(DocumentService, service_id)
    if found is None:
        raise RuleError("document_service.not_found", kind="not_found")
    with transaction(by, now) as uow:
        row, incident = locked_document(found.document_id)
        service = db.session.get_one(DocumentService, service_id, populate_existing=True)
        if not service.is_served:
            raise RuleError("document_service.not_served", kind="conflict")
        if service.receipt_id is not None:
            raise RuleError("document_service.has_receipt", kind="conflict")
        new = NewDocument(RECEIPT_KIND, marking=row.marking, words=_receipt_words(row, service, zone))  # type: ignore[arg-type]  # of a constraint
        receipt = draft_in(uow, incident, new, zone)
        uow.flush()
        service.receipt_id = receipt.id
    return receipt


def term_end(at: dt.datetime, days: int | None, zone: ZoneInfo) -> dt.datetime | None:
    """Return when the term of a service ends: with its last day, or the next one that is worked.

    Args:
        at: when the document was served (UTC); that day is not counted.
        days: the term; None for none.
        zone: whose days are counted.
    """
    if days is None:
        return None
    return period_end(Period(days=days), at, zone, "cn-civil", shipped().get(CALENDAR)).lawful_at


def _evidence(incident: Incident, ids: Sequence[int]) -> list[Evidence]:
    found, related = [db.session.get(Evidence, one) for one in ids], merged_with(incident.id) if ids else ()
    raise_all(
        RuleError("document_service.evidence_unknown", pointer=member("/evidence", index))
        for index, one in enumerate(found)
        if one is None or one.incident_id not in related or one.state != "stored"
    )
    return [one for one in found if one is not None]


def _receipt_words(row: OfficialDocument, service: DocumentService, zone: ZoneInfo) -> dict[str, str]:
    """Return the words of a proof of service; who served it is who recorded it until somebody changes that."""
    served_at = moment_fact(service.served_at, zone, "zh") or ""
    notes = [f"送达时间：{served_at}", service.reason, service.consent]
    words = {
        "issuer": row.values.get("issuer"),
        "served_title": row.title,
        "served_number": row.number,
        "party": service.recipient,
        "place": service.place,
        "way": WAY_FACTS[service.way],
        "proxy": service.proxy,
        "witness": service.witness,
        "server": service.recorded_by.split(":", 2)[-1],
        "note": "\n".join(one for one in notes if one),
    }
    return {key: value for key, value in words.items() if value}
