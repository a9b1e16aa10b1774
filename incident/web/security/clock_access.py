"""Access to statutory clocks and records of awareness: for those who may see the incident."""

from incident.store.db.database import db
from incident.store.deadlines.clock_rows import ClockEventRecord, IncidentClock
from incident.web.security import access


def visible_clock(clock_id: int) -> IncidentClock:
    """Return a clock of an incident that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(IncidentClock, clock_id), access.may_see_incident_of)


def visible_clock_event(record_id: int) -> ClockEventRecord:
    """Return a record about an incident that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(ClockEventRecord, record_id), access.may_see_incident_of)
