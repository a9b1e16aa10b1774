"""Reports from the public: received, opened by receipt, linked to incidents, handled when these are closed."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.core.values.text import visible
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.queries import search
from incident.store.reports import reports
from incident.store.reports.reports import Report, ReportLink


@dataclass(frozen=True, kw_only=True)
class NewReport:
    """A report by a member of the public, without any identity."""

    text: str
    category: str | None = None
    url: str | None = None
    occurred_at: dt.datetime | None = None
    channel: str = "web"


def receipt_hash(receipt: str) -> str:
    """Return the stored hash of a receipt: SHA-256 of its letters and digits, ignoring spaces and dashes."""
    plain = "".join(letter for letter in receipt.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def submit_report(
    new: NewReport, receipt: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> Report:
    """Receive a report; direction marks and invisible characters are removed from it.

    Args:
        new: the report.
        receipt: the code that was created for the reporter, of at least 80 random bits.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.
    """
    new = replace(new, text=visible(new.text), url=new.url and visible(new.url))
    words = search.terms_of([new.text, new.url, new.category])
    with transaction("public", now, idempotency) as uow:
        report = Report(
            receipt_hash=receipt_hash(receipt),
            category=new.category,
            text=new.text,
            url=new.url,
            occurred_at=new.occurred_at,
            channel=new.channel,
            received_at=now,
        )
        db.session.add(report)
        db.session.flush()
        search.file_report(report, words)
        uow.record("report.received", f"report:{report.id}", {"channel": new.channel, "category": new.category})
        uow.store_response(receipt)
    return report


def link_in(uow: UnitOfWork, incident: Incident, report_ids: Sequence[int]) -> None:
    """Link reports to an incident within the caller's transaction.

    Raises:
        RuleError: `report.unknown` for each that does not exist, `incident.is_exercise` (conflict).
    """
    if incident.is_exercise and report_ids:
        raise RuleError("incident.is_exercise", kind="conflict", pointer="/reports")
    faults = []
    for index, report_id in enumerate(dict.fromkeys(report_ids)):
        report = db.session.get(Report, report_id)
        if report is None:
            faults.append(RuleError("report.unknown", {"id": report_id}, pointer=f"/reports/{index}"))
            continue
        if db.session.get(ReportLink, (incident.id, report_id)) is not None:
            continue
        db.session.add(ReportLink(incident_id=incident.id, report_id=report_id, linked_at=uow.now))
        db.session.flush()
        _settle(report)
        uow.record("report.linked", f"report:{report_id}", {}, incident.number)
    raise_all(faults)


def link_report(
    incident_id: int,
    report_id: int,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    version: int | None = None,
) -> Incident:
    """Link a report to an incident.

    Raises:
        RuleError: `report.unknown`, `version.stale`.
    """
    with transaction(by, now, idempotency) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        if db.session.get(Report, report_id) is None:
            raise RuleError("report.unknown", {"id": report_id}, pointer="/report")
        link_in(uow, incident, [report_id])
        incident.version += 1
        uow.store_response(incident)
    return incident


def unlink_report(incident_id: int, report_id: int, by: str, now: dt.datetime, version: int | None = None) -> Incident:
    """Unlink a report from an incident.

    Raises:
        RuleError: `report.not_linked` (not found), `version.stale`.
    """
    with transaction(by, now) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        link = db.session.get(ReportLink, (incident_id, report_id))
        if link is None:
            raise RuleError("report.not_linked", {"id": report_id}, kind="not_found")
        db.session.delete(link)
        db.session.flush()
        _settle(db.session.get_one(Report, report_id))
        incident.version += 1
        uow.record("report.unlinked", f"report:{report_id}", {}, incident.number)
    return incident


def settle_in(uow: UnitOfWork, incident: Incident) -> None:
    """Set the states of an incident's reports when it is closed or reopened."""
    db.session.flush()
    for report in reports.reports_of(incident.id):
        before = report.state
        _settle(report)
        if report.state != before:
            detail = {"before": before, "after": report.state}
            uow.record("report.changed", f"report:{report.id}", detail, incident.number)


def _settle(report: Report) -> None:
    """Set `handled` when all incidents of a report are closed, `linked` when one is open, else `received`.

    The report is locked first: of two incidents that are closed at once, the second sees the change of the first.
    """
    db.session.refresh(report, with_for_update=True)
    statuses = reports.statuses_around(report.id)
    state = "received" if not statuses else "handled" if statuses == {"closed"} else "linked"
    if state != report.state:
        report.state = state
        report.version += 1
