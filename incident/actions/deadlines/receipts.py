"""Receipts: departments of this instance that a filing goes to, which are notified and may owe a report onward."""

from collections.abc import Collection, Sequence
from typing import Any

from incident.actions.deadlines import clock_warnings
from incident.actions.notifications.answers import record_answer
from incident.actions.notifications.escalation import open_notice
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.regime_versions import regime_at
from incident.actions.report_recipients import recipient_directory
from incident.actions.unit_of_work import UnitOfWork
from incident.core.deadlines.clocks import ClockEvent
from incident.core.deadlines.regimes import RECEIVED
from incident.core.notifications.notice import FINISHED
from incident.core.notifications.subject import Subject
from incident.core.values.faults import RuleError, raise_all
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import Filing, IncidentClock
from incident.store.directory.departments import Department, department_by_code
from incident.store.incidents import lookups
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices

RECEIPT = "receipt"


def receivers_of(clock: IncidentClock, codes: Collection[str]) -> list[tuple[Department, list[str]]]:
    """Return the departments that receive a filing of a clock, each with its roles as a recipient.

    Raises:
        RuleError: `filing.not_a_recipient` for each that no recipient of the stage resolves to.
    """
    if not codes:
        return []
    directory = recipient_directory()
    roles: dict[str, list[str]] = {}
    for one in directory.resolutions(regime_at(clock.regime_hash).stage(clock.stage)):
        for code in one.departments:
            roles.setdefault(code, []).append(one.recipient.role)
    raise_all(
        RuleError("filing.not_a_recipient", {"department": code[:60]}, pointer=f"/departments/{index}")
        for index, code in enumerate(codes)
        if code not in roles
    )
    return [(directory.departments[code], roles[code]) for code in dict.fromkeys(codes)]


def notify_receivers(
    uow: UnitOfWork, incident: Incident, clock: IncidentClock, receivers: Sequence[tuple[Department, Any]]
) -> None:
    """Notify departments within the caller's transaction that a filing went to them; they may see the incident."""
    for department, _roles in receivers:
        lookups.put_department_on(incident.id, department.id, is_recipient=True)
        if notices.notice_about(Subject("clock", clock.id), "receipt", department.id) is None:
            open_notice(uow, Subject("clock", clock.id), "receipt", incident, department)


def receipt_event(clock: IncidentClock, filing: Filing) -> ClockEvent | None:
    """Return the receipt of a filing by a department that owes the report onward, None where none does.

    The record here is the earliest receipt that can be proved.
    """
    regime = regime_at(clock.regime_hash)
    if not any(regime.owed_by(one["roles"], clock.stage) for one in filing.received_by):
        return None
    return ClockEvent("received", filing.recorded_at, clock.stage, clock.n, is_proved=True, regime=clock.regime)


def take_back_receipts(uow: UnitOfWork, clock: IncidentClock, revoked: Filing) -> None:
    """Take back what a revoked filing gave departments here, within the caller's transaction.

    Notices of the receipt are withdrawn, and reports onward that are not filed are owed no longer, unless another
    filing names the same department. It stays on the incident, because it has read of it.

    Args:
        uow: the caller's unit of work.
        clock: the clock of the filing.
        revoked: the filing.
    """
    uow.flush()
    filings = clock_rows.counted_filings(clock_rows.filings_of(clock.incident_id))
    still = {to["department"] for one in filings if one.clock_id == clock.id for to in one.received_by}
    gone = {to["department"] for to in revoked.received_by} - still
    departments = [one for one in map(department_by_code, sorted(gone)) if one is not None]
    for department in departments:
        notice = notices.notice_about(Subject("clock", clock.id), "receipt", department.id)
        if notice is not None and notice.state not in FINISHED:
            record_answer(uow, notice, "withdrawn", AnswerSource("deadline"))
    filed, ids = {one.clock_id for one in filings}, {one.id for one in departments}
    for onward in clock_rows.clocks_of(clock.incident_id):
        if onward.regime == clock.regime and onward.duty_department_id in ids and onward.id not in filed:
            clock_warnings.give_duty(uow, onward, None)


def give_duties(uow: UnitOfWork, clocks: Sequence[IncidentClock], filings: Sequence[Filing]) -> None:
    """Give reports onward to the departments that received the report before first, within the caller's transaction."""
    stages = {one.id: (one.regime, one.stage) for one in clocks}
    for clock in clocks:
        if clock.hop == 1 or clock.duty_department_id is not None:
            continue
        stage = regime_at(clock.regime_hash).stage(clock.stage)
        before = (clock.regime, stage.start.removeprefix(RECEIVED))
        received = (to for one in filings if stages[one.clock_id] == before for to in one.received_by)
        code = next((one["department"] for one in received if stage.duty_of in one["roles"]), None)
        department = None if code is None else department_by_code(code)
        if department is not None:
            clock_warnings.give_duty(uow, clock, department.id)
