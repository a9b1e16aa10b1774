"""Incidents that wait to be graded again by what has changed."""

from sqlalchemy import and_, exists, or_, select

from incident.store.db.database import db
from incident.store.deadlines.incident_gradings import GRADING, PROFILE, RULE_SET
from incident.store.playbooks.timers import PENDING, Timer


def waits_for_grading(incident_id: int | None = None) -> bool:
    """Return whether an incident, or any (None), has still to be graded by present rules, profile or facts."""
    of_one = Timer.subject_type == GRADING
    if incident_id is not None:
        of_one = and_(of_one, Timer.subject_id == incident_id)
    waits = exists().where(PENDING, or_(Timer.subject_type.in_((RULE_SET, PROFILE)), of_one))
    return bool(db.session.scalar(select(waits)))
