"""The steps that people took with a report."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.reports.handling import HandlingStep
from incident.store.db.database import Base, db
from incident.store.reports.report_messages import ReportMessage


class ReportStep(Base):
    """One step, from one state to the next.

    `sealed_reason` is sealed by the key ring, None without a reason; an empty one is of a key that is lost. `recipient`
    is to whom the report was handed over, `into_id` the report that it was merged with.
    """

    __tablename__ = "report_steps"
    __table_args__ = (Index("ix_report_steps_report_id_id", "report_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    step: Mapped[HandlingStep] = mapped_column(String(12))
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(20))
    sealed_reason: Mapped[str | None] = mapped_column(Text)
    recipient: Mapped[str | None] = mapped_column(String(200))
    into_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    taken_by: Mapped[str] = mapped_column(String(300))
    taken_at: Mapped[dt.datetime]


def steps_of_report(report_id: int) -> Sequence[ReportStep]:
    """Return the steps that were taken with a report, the oldest first."""
    return db.session.scalars(select(ReportStep).where(ReportStep.report_id == report_id).order_by(ReportStep.id)).all()


def count_objections(report_id: int) -> int:
    """Count how often the reporter of a report has objected."""
    its = ReportMessage.report_id == report_id, ReportMessage.kind == "objection"
    return db.session.scalar(select(func.count()).select_from(ReportMessage).where(*its)) or 0


def count_reviews(report_id: int) -> int:
    """Count the objections to the result of a report that were reviewed."""
    its = ReportStep.report_id == report_id, ReportStep.step == "review"
    return db.session.scalar(select(func.count()).select_from(ReportStep).where(*its)) or 0
