"""Answers about the facts of incidents, and decisions on their grades."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.approvals import STANDING, waiting_index
from incident.store.db.database import Base, db
from incident.store.deadlines.reviews import ReviewedDecision, review_index


class GradingAnswer(Base):
    """One answer to a question about an incident; the newest of a question counts, the others are kept.

    `answer` holds `value` (None: not known) and `is_ongoing`, for minutes that still grow; `evidence` says how it is
    known.
    """

    __tablename__ = "grading_answers"
    __table_args__ = (Index("ix_grading_answers_incident_id_key_id", "incident_id", "key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    key: Mapped[str] = mapped_column(String(60))
    answer: Mapped[dict[str, Any]]
    evidence: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[dt.datetime]
    answered_by: Mapped[str] = mapped_column(String(300))


class GradeDecision(ReviewedDecision, Base):
    """A decision on the grade of an incident; a lower one than is proved waits for a second person.

    `proposed` is the grade that was certain, `possible` the gravest that was not excluded, `basis` the rule sets with
    their hashes and the answers, `content_hash` the SHA-256 of the whole.
    """

    __tablename__ = "grade_decisions"
    __table_args__ = (
        Index("ix_grade_decisions_incident_id_id", "incident_id", "id"),
        waiting_index("grade_decisions"),
        review_index("grade_decisions"),
    )

    proposed: Mapped[int]
    possible: Mapped[int]
    decided: Mapped[int]
    basis: Mapped[dict[str, Any]]

    @property
    def approval_kind(self) -> str:
        """The kind of its approvals."""
        return "grade"


def latest_answers(incident_id: int) -> Mapping[str, GradingAnswer]:
    """Return the newest answer of each question of an incident, by key."""
    newest = (
        select(func.max(GradingAnswer.id)).where(GradingAnswer.incident_id == incident_id).group_by(GradingAnswer.key)
    )
    rows = db.session.scalars(select(GradingAnswer).where(GradingAnswer.id.in_(newest)).order_by(GradingAnswer.id))
    return {row.key: row for row in rows}


def decisions_on(incident_id: int, limit: int) -> Sequence[GradeDecision]:
    """Return the decisions on the grade of an incident, newest first."""
    wanted = select(GradeDecision).where(GradeDecision.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(GradeDecision.id.desc()).limit(limit)).all()


def standing_decisions(incident_id: int) -> Sequence[GradeDecision]:
    """Return the decisions on an incident that are in force or wait for a second person."""
    wanted = select(GradeDecision).where(GradeDecision.incident_id == incident_id, GradeDecision.state.in_(STANDING))
    return db.session.scalars(wanted.order_by(GradeDecision.id)).all()
