"""Reports from the public; neither address nor identity is stored here."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, func, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.reports.kinds import KINDS
from incident.core.reports.states import STATES
from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Incident


def _one_of(column: str, words: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(map(repr, words))})"


class Report(Base):
    """A report by a member of the public; found by its receipt, of which only a hash is stored.

    `receipt_hash` is a mark of the key ring over the slow hash of 16 digits; of receipts from before, the SHA-256 of
    100 random bits. It is None when the receipt was deleted. `loss` is in whole units of the currency. `emergency` is
    `danger` or `money`, None for most. `evidence` and `is_stated_true` belong to claims. `taken_at` is when a
    call, a letter or a visit came that the desk entered. `urgent_notice_id` is the
    notice by which the duty officer was paged for it, shared with the urgent reports of the same minutes.
    `sealed_texts` holds text, address and evidence of a report that asks for protection: sealed by the key ring, an
    empty one of a key that is lost. The columns `text`, `url` and `evidence` are empty then.
    `is_about_unit` when it is about the office or the departments of `report_units`: no role alone may read it.
    """

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), name="state"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        Index("ix_reports_state_id", "state", "id"),
        Index(
            "ix_reports_ended_at",
            "ended_at",
            sqlite_where=sql("receipt_hash IS NOT NULL AND ended_at IS NOT NULL"),
            postgresql_where=sql("receipt_hash IS NOT NULL AND ended_at IS NOT NULL"),
        ),
        Index(
            "ix_reports_urgent_notice_id",
            "urgent_notice_id",
            sqlite_where=sql("urgent_notice_id IS NOT NULL"),
            postgresql_where=sql("urgent_notice_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_hash: Mapped[str | None] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(12), default="tip", server_default="tip")
    category: Mapped[str | None] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(2000))
    occurred_at: Mapped[dt.datetime | None]
    loss: Mapped[int | None]
    evidence: Mapped[str | None] = mapped_column(Text)
    is_stated_true: Mapped[bool] = mapped_column(default=False, server_default=false())
    emergency: Mapped[str | None] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10))
    protection: Mapped[str] = mapped_column(String(10), default="anonymous", server_default="anonymous")
    state: Mapped[str] = mapped_column(String(20), default="received")
    received_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    withdrawn_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    taken_at: Mapped[dt.datetime | None]
    urgent_notice_id: Mapped[int | None]
    sealed_texts: Mapped[str | None] = mapped_column(Text)
    is_about_unit: Mapped[bool] = mapped_column(default=False, server_default=false())


class ReportLink(Base):
    """A report that is linked to an incident."""

    __tablename__ = "report_links"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True, index=True)
    linked_at: Mapped[dt.datetime]


def report_by_receipt(marks: Sequence[str]) -> Report | None:
    """Return the report of a receipt by its marks, one for each key of the ring."""
    return db.session.scalar(select(Report).where(Report.receipt_hash.in_(marks)))


def lock_report(report_id: int) -> Report:
    """Lock a report for the transaction and return it as it is now; raises NoResultFound."""
    wanted = select(Report).where(Report.id == report_id)
    return db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()


def count_under_notice(notice_id: int) -> int:
    """Count the urgent reports that share a notice."""
    return db.session.scalar(select(func.count()).where(Report.urgent_notice_id == notice_id)) or 0


def forget_receipts(ended_before: dt.datetime, limit: int) -> None:
    """Delete the receipts of reports that ended before a moment, a limited number at once."""
    ended = select(Report.id).where(Report.receipt_hash.is_not(None), Report.ended_at < ended_before)
    chosen = db.session.scalars(ended.order_by(Report.ended_at).limit(limit)).all()
    if chosen:
        db.session.execute(update(Report).where(Report.id.in_(chosen)).values(receipt_hash=None))


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
