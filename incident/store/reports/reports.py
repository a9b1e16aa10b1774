"""Reports from the public; neither address nor identity is stored here."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Incident


class Report(Base):
    """A report by a member of the public; found by its receipt, of which only a hash is stored."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'linked', 'handled')", name="state"),
        Index("ix_reports_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    category: Mapped[str | None] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(2000))
    occurred_at: Mapped[dt.datetime | None]
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="received")
    received_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class ReportLink(Base):
    """A report that is linked to an incident."""

    __tablename__ = "report_links"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True, index=True)
    linked_at: Mapped[dt.datetime]


def report_by_receipt(receipt_hash: str) -> Report | None:
    """Return the report of a receipt."""
    return db.session.scalar(select(Report).where(Report.receipt_hash == receipt_hash))


def reports_of(incident_id: int) -> Sequence[Report]:
    """Return the reports linked to an incident."""
    wanted = select(Report).join(ReportLink, ReportLink.report_id == Report.id)
    return db.session.scalars(wanted.where(ReportLink.incident_id == incident_id).order_by(Report.id)).all()


def report_links_of(incident_id: int) -> Sequence[ReportLink]:
    """Return the links of an incident to reports."""
    wanted = select(ReportLink).where(ReportLink.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(ReportLink.report_id)).all()


def incidents_around(report_id: int) -> Sequence[Incident]:
    """Return the incidents that a report is linked to."""
    wanted = select(Incident).join(ReportLink, ReportLink.incident_id == Incident.id)
    return db.session.scalars(wanted.where(ReportLink.report_id == report_id)).all()


def statuses_around(report_id: int) -> set[str]:
    """Return the statuses of a report's incidents, without duplicates."""
    wanted = select(Incident.status).join(ReportLink, ReportLink.incident_id == Incident.id)
    return set(db.session.scalars(wanted.where(ReportLink.report_id == report_id)))
