"""Decisions that an incident is not reported by a regime."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.approvals import STANDING, waiting_index
from incident.store.db.database import Base, db
from incident.store.deadlines.reviews import ReviewedDecision, review_index


class NotReportableDecision(ReviewedDecision, Base):
    """A decision of two people that an incident is not reported by a regime.

    `basis` are the decided grade, the rule sets with their hashes and the answers that it was taken on; `content_hash`
    is the SHA-256 of the whole.
    """

    __tablename__ = "not_reportable_decisions"
    __table_args__ = (
        Index("ix_not_reportable_decisions_incident_id_id", "incident_id", "id"),
        waiting_index("not_reportable_decisions"),
        review_index("not_reportable_decisions"),
    )

    regime: Mapped[str] = mapped_column(String(60))
    regime_hash: Mapped[str] = mapped_column(ForeignKey("regime_versions.content_hash"))
    basis: Mapped[dict[str, Any]]

    @property
    def approval_kind(self) -> str:
        """The kind of its approvals."""
        return "not_reportable"


def not_reportable_on(incident_id: int) -> Sequence[NotReportableDecision]:
    """Return the decisions on an incident, in the order in which they were proposed."""
    wanted = select(NotReportableDecision).where(NotReportableDecision.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(NotReportableDecision.id)).all()


def standing_not_reportable(incident_id: int) -> Sequence[NotReportableDecision]:
    """Return the decisions on an incident that are in force or wait for a second person."""
    return [one for one in not_reportable_on(incident_id) if one.state in STANDING]
