"""Access to statutory clocks, to what starts them and to decisions on them: for those who may see the incident."""

from werkzeug.exceptions import Forbidden

from incident.core.values import access as rules
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import ClockEventRecord, Filing, IncidentClock
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.tasks import open_filing_tasks
from incident.web.security import access


def visible_clock(clock_id: int) -> IncidentClock:
    """Return a clock of an incident that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(IncidentClock, clock_id), access.may_see_incident_of)


def may_file(clock: IncidentClock) -> bool:
    """Return whether the caller may record a filing: who changes incidents, or has the task to file it.

    What a department owes onward is filed by its members, or by coordinators for it; the others only watch.
    """
    if clock.duty_department_id is None and access.is_allowed("incident.change"):
        return True
    facts = access.incident_facts(db.session.get_one(Incident, clock.incident_id))
    if clock.duty_department_id is not None:
        return rules.may_file_for(access.viewer(), clock.duty_department_id, facts)
    return any(
        (task.clock_regime, task.clock_stage) == (clock.regime, clock.stage)
        and task.department_id is not None
        and rules.may_complete_task(access.viewer(), frozenset({task.department_id}), facts)
        for task in open_filing_tasks(clock.incident_id)
    )


def fileable_clock(clock_id: int) -> IncidentClock:
    """Return a clock that the caller may file; raises NotFound, or Forbidden when they may only read it."""
    clock = visible_clock(clock_id)
    if not may_file(clock):
        raise Forbidden
    return clock


def changeable_clock(clock_id: int) -> IncidentClock:
    """Return a clock that the caller may set aside; raises NotFound, or Forbidden when another department owes it."""
    clock = visible_clock(clock_id)
    if clock.duty_department_id is not None and not may_file(clock):
        raise Forbidden
    return clock


def correctable_filing(filing_id: int) -> Filing:
    """Return a filing that the caller may correct: who may file its clock; raises NotFound or Forbidden."""
    filing = access.require_visible(db.session.get(Filing, filing_id), access.may_see_incident_of)
    fileable_clock(filing.clock_id)
    return filing


def visible_revocation(revocation_id: int) -> FilingRevocation:
    """Return the revocation of a filing that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(FilingRevocation, revocation_id), access.may_see_incident_of)


def visible_clock_event(record_id: int) -> ClockEventRecord:
    """Return a record about an incident that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(ClockEventRecord, record_id), access.may_see_incident_of)


def visible_event_correction(record_id: int) -> ClockEventRecord:
    """Return the correction or withdrawal of an event that the caller may see; raises NotFound."""
    return access.require_visible(visible_clock_event(record_id), lambda row: row.corrects_id is not None)


def visible_not_reportable(decision_id: int) -> NotReportableDecision:
    """Return a decision not to report an incident that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(NotReportableDecision, decision_id), access.may_see_incident_of)
