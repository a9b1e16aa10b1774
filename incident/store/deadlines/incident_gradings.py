"""What the answers about incidents proved when that was last acted on."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import ForeignKey, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.deadlines.regimes import AWARE
from incident.store.approvals import STANDING
from incident.store.db.database import Base, db
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.gradings import GradeDecision, GradingAnswer

GROWTH: Final = "growth"
"""The subject type of timers of growing numbers: an incident, by its id."""

GRADING: Final = "grading"
"""The subject type of timers that grade an incident again, by its id; their kind says what has changed."""


RULE_SET: Final = "rule_set"
"""The subject type of timers that set those of `GRADING` for a version of a rule set."""

PROFILE: Final = "profile"
"""The subject type of timers that set those of `GRADING` for a version of the profile."""


class IncidentGrading(Base):
    """The grading of an incident that its reviews, decisions and clocks have followed.

    `certain` and `possible` are its grades, None before the first time; `rule_sets` holds the SHA-256 of the rule sets
    by their ids. `stopped_at` is when the incident was last closed before it was reopened: what grew until then grows
    no more.
    """

    __tablename__ = "incident_gradings"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True, autoincrement=False)
    certain: Mapped[int | None]
    possible: Mapped[int | None]
    rule_sets: Mapped[dict[str, Any] | None]
    stopped_at: Mapped[dt.datetime | None]


def incident_grading(incident_id: int) -> IncidentGrading | None:
    """Return the grading of an incident that was acted on."""
    return db.session.get(IncidentGrading, incident_id)


def add_incident_grading(incident_id: int) -> IncidentGrading:
    """Return the grading of a locked incident that was acted on, added where there is none."""
    row = incident_grading(incident_id)
    if row is None:
        row = IncidentGrading(incident_id=incident_id, certain=None, possible=None, rule_sets=None, stopped_at=None)
        db.session.add(row)
    return row


def is_graded(incident_id: int) -> bool:
    """Return whether an incident has an awareness, an answer to a question of grading, or a decided grade."""
    is_aware = exists().where(ClockEventRecord.incident_id == incident_id, ClockEventRecord.kind == AWARE)
    is_answered = exists().where(GradingAnswer.incident_id == incident_id)
    is_decided = exists().where(GradeDecision.incident_id == incident_id, GradeDecision.state.in_(STANDING))
    return bool(db.session.scalar(select(or_(is_aware, is_answered, is_decided))))
