"""Lower grades that wait for a second person."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select, text

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.deadlines.gradings import GradeDecision
from incident.store.incidents.incidents import Incident
from incident.store.queries.visibility import visible_incidents

WAITING_DECISIONS = text("grade_decisions.state = 'awaiting_second'")
"""The condition of the partial index, qualified for a join."""


def waiting_gradings(viewer: Viewer, limit: int) -> Sequence[Row[GradeDecision, Incident]]:
    """Return the grades that a person may confirm, oldest first, each with its incident.

    Args:
        viewer: the person; what they proposed themselves and incidents that they may not see are left out.
        limit: the maximum number.
    """
    wanted = _others(select(GradeDecision, Incident), viewer)
    return db.session.execute(wanted.order_by(GradeDecision.id).limit(limit)).all()


def waiting_grading_ids(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of the grades that a person may confirm, to count them."""
    return _others(select(GradeDecision.id), viewer)


def _others(query: Select[*tuple[Any, ...]], viewer: Viewer) -> Select[*tuple[Any, ...]]:
    joined = query.join(Incident, Incident.id == GradeDecision.incident_id)
    joined = joined.where(WAITING_DECISIONS, Incident.status != "closed")
    joined = joined.where(~GradeDecision.decided_by.startswith(f"person:{viewer.person_id}:", autoescape=True))
    return joined if (visible := visible_incidents(viewer)) is None else joined.where(visible)
