"""Filing what a clock asks for, or setting the clock aside with a reason."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.deadlines.clock_warnings import keep_next_due, keep_warnings
from incident.actions.deadlines.receipts import notify_receivers, receivers_of
from incident.actions.playbooks.tasks import end_filing_tasks
from incident.actions.regime_versions import regime_at
from incident.actions.unit_of_work import IdempotentRequest, transaction
from incident.core.deadlines.clocks import SET_BY_PEOPLE, ClockState
from incident.core.deadlines.filing import check_filing
from incident.core.deadlines.regimes import RECEIVED
from incident.core.documents.flow import NUMBERED
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import (
    Filing,
    IncidentClock,
    clock_events_of,
    clocks_of,
    counted_filings,
    effective_awareness,
    filings_of_clocks,
)
from incident.store.documents.documents import OfficialDocument
from incident.store.incidents.incidents import Incident, lock_incident

RECIPIENT_LIMIT: Final = 300
RECEIPT_LIMIT: Final = 200
TEXT_LIMIT: Final = 2_000
MAX_EVIDENCE: Final = 20


@dataclass(frozen=True)
class NewFiling:
    """What was filed: how, when (UTC), to whom, and its proof; `late` is `{reason_code, text}` of a late one.

    `departments` are the codes of recipients here: they are notified, and may see the incident from then on.
    `document` is the signed official document that was filed; one may be filed for several clocks.
    """

    channel: str
    at: dt.datetime
    to: str
    is_oral: bool = False
    receipt_number: str | None = None
    evidence: Sequence[Mapping[str, str]] = ()
    late: Mapping[str, str] | None = None
    departments: Sequence[str] = ()
    document: int | None = None


def file_clock(
    clock_id: int, filing: NewFiling, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> Filing:
    """Record a filing; it ends its clock unless it is an oral announcement. Further ones may prove the first.

    Raises:
        RuleError: `clock.not_found` (not found), `filing.document_unfit`; those of `check_filing` and `receivers_of`.
    """
    incident_id = _clock(clock_id).incident_id
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        clock = db.session.get_one(IncidentClock, clock_id, populate_existing=True)
        since, is_oral = _fileable_since(incident, clock), filing.is_oral
        is_late = check_filing(clock.state, since, clock.lawful_at, filing.at, now, filing.late, is_oral=is_oral)
        document = _filed_document(incident, filing.document)
        receivers = receivers_of(clock, () if filing.is_oral else filing.departments)
        row = uow.add(
            Filing(
                incident_id=incident.id,
                clock_id=clock.id,
                channel=filing.channel,
                filed_at=filing.at,
                recipient=filing.to,
                receivers=[{"department": one.code, "roles": roles} for one, roles in receivers],
                is_oral=filing.is_oral,
                receipt_number=filing.receipt_number,
                evidence=[dict(one) for one in filing.evidence],
                late=dict(filing.late) if is_late and filing.late else None,
                recorded_at=now,
                recorded_by=by,
                document_id=filing.document,
            )
        )
        detail = {
            "regime": clock.regime,
            "stage": clock.stage,
            "channel": row.channel,
            "at": format_moment(row.filed_at),
            "to": row.recipient,
            "departments": [one.code for one, _ in receivers],
            "is_oral": row.is_oral,
            "is_proved": row.is_proved,
            "receipt_number": row.receipt_number,
            "evidence": row.evidence,
            "late": row.late,
        }
        if document is not None:
            detail["document"] = document.id
        uow.record("clock.filed", f"clock:{clock.id}", detail, incident.number)
        notify_receivers(uow, incident, clock, receivers)
        recompute_clocks(uow, incident)
        uow.store_response(row)
    return row


def waive_clock(clock_id: int, reason: str, by: str, now: dt.datetime) -> IncidentClock:
    """Waive a clock with a reason: nothing is filed for it.

    Raises:
        RuleError: `clock.not_found` (not found); `clock.has_ended` (conflict) when it was filed or waived,
            `clock.not_applicable` (conflict) when the law does not ask for the report now.
    """
    return _set_aside(clock_id, "waived", reason, by, now)


def suspend_clock(clock_id: int, reason: str, by: str, now: dt.datetime) -> IncidentClock:
    """Suspend a clock with a reason, such as a delay that an authority granted, until it is resumed.

    Raises:
        RuleError: `clock.not_found` (not found); `clock.has_ended` (conflict) when it was filed or waived,
            `clock.not_applicable` (conflict) when the law does not ask for the report now.
    """
    return _set_aside(clock_id, "suspended", reason, by, now)


def resume_clock(clock_id: int, reason: str, by: str, now: dt.datetime) -> IncidentClock:
    """Let a suspended or waived clock run again, with the due that it had.

    Raises:
        RuleError: `clock.not_found` (not found), `clock.is_running` (conflict).
    """
    incident_id = _clock(clock_id).incident_id
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        clock = db.session.get_one(IncidentClock, clock_id, populate_existing=True)
        if clock.state not in SET_BY_PEOPLE:
            raise RuleError("clock.is_running", kind="conflict")
        clock.state, clock.reason, clock.changed_at = "running", None, now
        detail = {"regime": clock.regime, "stage": clock.stage, "reason": reason}
        uow.record("clock.resumed", f"clock:{clock.id}", detail, incident.number)
        recompute_clocks(uow, incident)
    return clock


def _set_aside(clock_id: int, state: ClockState, reason: str, by: str, now: dt.datetime) -> IncidentClock:
    incident_id = _clock(clock_id).incident_id
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        clock = db.session.get_one(IncidentClock, clock_id, populate_existing=True)
        if clock.state in ("filed", "filed_late", "waived", state):
            raise RuleError("clock.has_ended", kind="conflict")
        if clock.state == "not_applicable":  # it would stay set aside when it applies later
            raise RuleError("clock.not_applicable", kind="conflict")
        clock.state, clock.reason, clock.changed_at = state, reason, now
        detail = {"regime": clock.regime, "stage": clock.stage, "reason": reason}
        uow.record(f"clock.{state}", f"clock:{clock.id}", detail, incident.number)
        keep_warnings(uow, incident, [clock])
        keep_next_due(incident, clocks_of(incident.id))
        end_filing_tasks(uow, incident)
    return clock


def _filed_document(incident: Incident, document_id: int | None) -> OfficialDocument | None:
    """Return the document that was filed, which is one of the incident that was signed and is not void."""
    if document_id is None:
        return None
    found = db.session.get(OfficialDocument, document_id)
    if found is None or found.incident_id != incident.id or found.state not in NUMBERED:
        raise RuleError("filing.document_unfit", pointer="/document")
    return found


def _fileable_since(incident: Incident, clock: IncidentClock) -> dt.datetime:
    """Return the moment (UTC) before which nothing can have been filed for a clock.

    A report onward may be sent before the filing that it follows is recorded here. A clock without a start counts from
    when the incident became known, at the earliest from when it occurred.
    """
    if clock.start_at is not None:
        before = regime_at(clock.regime_hash).stage(clock.stage).start
        if not before.startswith(RECEIVED):
            return clock.start_at
        ids = [
            one.id
            for one in clocks_of(incident.id)
            if one.regime == clock.regime and before == f"{RECEIVED}{one.stage}"
        ]
        return min(
            [clock.start_at, *(one.filed_at for one in counted_filings(filings_of_clocks(ids)) if not one.is_oral)]
        )
    aware = effective_awareness(clock_events_of(incident.id))
    if aware is not None:
        return aware.happened_at
    return min(one for one in (incident.occurred_at, incident.detected_at, incident.opened_at) if one is not None)


def _clock(clock_id: int) -> IncidentClock:
    found = db.session.get(IncidentClock, clock_id)
    if found is None:
        raise RuleError("clock.not_found", kind="not_found")
    return found
