"""Reports from the public: received, linked to incidents, handled when these are closed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from incident.actions.reports.identities import ANONYMOUS, SealedContact, store_contact_in
from incident.actions.reports.report_units import bar_report
from incident.actions.reports.sealed_texts import ReportTexts, put_texts
from incident.actions.reports.urgent_notices import page_duty_officer
from incident.actions.unit_of_work import Idempotency, IdempotentRequest, UnitOfWork, transaction
from incident.core.reports.identifying import redact
from incident.core.reports.identity import identity_of
from incident.core.reports.proof import CONTENT
from incident.core.reports.states import ENDED, state_after
from incident.core.reports.urgent import USUAL_PAGING, UrgentPaging
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.core.values.moment import format_moment
from incident.core.values.text import visible
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.queries import search
from incident.store.reports import reports
from incident.store.reports.identities import note_handler
from incident.store.reports.reports import Report, ReportLink, lock_report

PUBLIC: Final = "public"


@dataclass(frozen=True, kw_only=True)
class NewReport:
    """A report by a member of the public, without any identity; `loss` is in whole units of the currency.

    `taken_at` is when a call, a letter or a visit came, where the desk enters it.
    """

    text: str
    kind: str = "tip"
    category: str | None = None
    url: str | None = None
    occurred_at: dt.datetime | None = None
    channel: str = "web"
    loss: int | None = None
    evidence: str | None = None
    is_stated_true: bool = False
    emergency: str | None = None
    taken_at: dt.datetime | None = None

    def cleaned(self) -> "NewReport":
        """Return the report without direction marks and invisible characters; raises RuleError `document.missing`."""
        shown = replace(
            self,
            text=visible(self.text),
            url=self.url and visible(self.url),
            evidence=self.evidence and visible(self.evidence),
        )
        if not shown.text.strip():
            raise RuleError("document.missing", pointer="/text")
        return shown

    def redacted(self) -> "tuple[NewReport, Mapping[str, str]]":
        """Return the cleaned report without passages that may tell who its reporter is, and these passages.

        Raises:
            RuleError: `document.missing`.
        """
        shown = self.cleaned()
        found = redact({"text": shown.text, "url": shown.url, "evidence": shown.evidence})
        texts = found.texts
        return replace(shown, text=texts["text"] or "", url=texts["url"], evidence=texts["evidence"]), found.passages

    def document(self) -> Mapping[str, Any]:
        """Return its members as a proof covers them."""
        given = {name: getattr(self, name) for name in CONTENT}
        return given | {"occurred_at": self.occurred_at and format_moment(self.occurred_at)}


def submit_report(
    new: NewReport,
    receipt_mark: str,
    now: dt.datetime,
    idempotency: Idempotency | None = None,
    by: str = PUBLIC,
    contact: SealedContact = ANONYMOUS,
    paging: UrgentPaging = USUAL_PAGING,
    units: Sequence[int] | None = None,
) -> Report:
    """Receive a report; direction marks and invisible characters are removed from it.

    For an urgent one, the duty officer is paged.

    Args:
        new: the report.
        receipt_mark: what is kept of the receipt, by which the report is found.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.
        by: who entered it; the public for reports by the web.
        contact: the sealed contact of the reporter.
        paging: who is paged for urgent reports.
        units: the departments that it is about, empty for the office as a whole; None for a report about others.

    Raises:
        RuleError: `document.missing` when nothing visible is left of the text.
    """
    new = new.cleaned()
    texts, shown = ReportTexts(new.text, new.url, new.evidence), new
    if contact.is_text_sealed:
        shown = replace(new, text="", url=None, evidence=None)
    words = search.terms_of([shown.text, shown.url, shown.category])
    with transaction(by, now, idempotency) as uow:
        report = Report(receipt_hash=receipt_mark, received_at=now, **asdict(shown))
        db.session.add(report)
        db.session.flush()
        if contact.is_text_sealed:
            put_texts(report, texts, is_sealed=True)
        store_contact_in(uow, report, contact)
        if by != PUBLIC:
            note_handler(report.id, identity_of(by))
        search.file_report(report, words)
        if units is None:
            page_duty_officer(uow, report, paging)
        else:
            bar_report(report, units)
        detail = {"channel": new.channel, "category": new.category} | ({"kind": new.kind} if new.kind != "tip" else {})
        uow.record("report.received", f"report:{report.id}", detail)
        uow.store_response(report)
    return report


def link_in(uow: UnitOfWork, incident: Incident, report_ids: Sequence[int]) -> None:
    """Link reports to an incident within the caller's transaction.

    Raises:
        RuleError: `report.unknown` for each that does not exist, `report.about_unit` for each that is about a unit and
            would be read by all who see the incident, `incident.is_exercise` (conflict).
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
        if report.is_about_unit:
            faults.append(RuleError("report.about_unit", kind="conflict", pointer=f"/reports/{index}"))
            continue
        db.session.add(ReportLink(incident_id=incident.id, report_id=report_id, linked_at=uow.now))
        db.session.flush()
        _settle(report, uow.now)
        note_handler(report_id, identity_of(uow.by))
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
        _settle(db.session.get_one(Report, report_id), now)
        incident.version += 1
        uow.record("report.unlinked", f"report:{report_id}", {}, incident.number)
    return incident


def settle_in(uow: UnitOfWork, incident: Incident) -> None:
    """Set the states of an incident's reports when it is closed or reopened."""
    db.session.flush()
    for report in reports.reports_of(incident.id):
        before = report.state
        _settle(report, uow.now)
        if report.state != before:
            detail = {"before": before, "after": report.state}
            uow.record("report.changed", f"report:{report.id}", detail, incident.number)


def change_report(
    report_id: int, changes: Mapping[str, Any], by: str, now: dt.datetime, version: int | None = None
) -> Report:
    """Correct the kind or the category of a report.

    Args:
        report_id: the report.
        changes: values by `kind` and `category`.
        by: who.
        now: when (UTC).
        version: the version that the caller has read; None for any.

    Raises:
        RuleError: `version.stale`.
    """
    with transaction(by, now) as uow:
        report = lock_report(report_id)
        refuse_stale(report.version, version)
        before = {name: getattr(report, name) for name in changes if getattr(report, name) != changes[name]}
        if before:
            for name in before:
                setattr(report, name, changes[name])
            report.version += 1
            after = {name: changes[name] for name in before}
            uow.record("report.corrected", f"report:{report_id}", {"before": before, "after": after})
            note_handler(report_id, identity_of(by))
            search.file_report(report, search.terms_of([report.text, report.url, report.category]))
    return report


def _settle(report: Report, now: dt.datetime) -> None:
    """Set the state of a report that follows its incidents.

    The report is locked first: of two incidents that are closed at once, the second sees the change of the first.
    """
    db.session.refresh(report, with_for_update=True)
    state = state_after(report.state, reports.statuses_around(report.id))
    if state != report.state:
        report.state = state
        report.ended_at = now if state in ENDED else report.withdrawn_at
        report.version += 1
