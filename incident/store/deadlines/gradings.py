"""Answers about the facts of incidents, and decisions on their grades."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db

IN_FORCE, AWAITING, OUTDATED = "in_force", "awaiting_second", "outdated"
WAITING = text("state = 'awaiting_second'")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""


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


class GradeDecision(Base):
    """A decision on the grade of an incident.

    `proposed` is the grade that was certain, `possible` the gravest that was not excluded, `basis` the rule sets with
    their hashes and the answers, `content_hash` the SHA-256 of the whole. `state` is `in_force`, `awaiting_second` or
    `outdated`, when another decision or another answer has taken its place.
    """

    __tablename__ = "grade_decisions"
    __table_args__ = (
        Index("ix_grade_decisions_incident_id_id", "incident_id", "id"),
        Index("ix_grade_decisions_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    state: Mapped[str] = mapped_column(String(20))
    proposed: Mapped[int]
    possible: Mapped[int]
    decided: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    basis: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[dt.datetime]
    decided_by: Mapped[str] = mapped_column(String(300))
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(300))


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
    wanted = select(GradeDecision).where(GradeDecision.incident_id == incident_id, GradeDecision.state != OUTDATED)
    return db.session.scalars(wanted.order_by(GradeDecision.id)).all()
