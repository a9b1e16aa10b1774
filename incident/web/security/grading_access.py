"""Access to decisions on grades: for those who may see the incident."""

from incident.store.db.database import db
from incident.store.deadlines.gradings import GradeDecision
from incident.web.security import access


def visible_decision(decision_id: int) -> GradeDecision:
    """Return a decision on an incident that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(GradeDecision, decision_id), access.may_see_incident_of)
