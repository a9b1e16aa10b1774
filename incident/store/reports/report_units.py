"""Units that reports are about: their people must not read the report."""

from collections.abc import Collection, Sequence

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class ReportUnit(Base):
    """A department that a report is about; a report about the office as a whole has none."""

    __tablename__ = "report_units"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True, index=True)


def units_of_report(report_id: int) -> Sequence[int]:
    """Return the ids of the departments that a report is about."""
    wanted = select(ReportUnit.department_id).where(ReportUnit.report_id == report_id)
    return db.session.scalars(wanted.order_by(ReportUnit.department_id)).all()


def put_report_units(report_id: int, department_ids: Collection[int]) -> None:
    """Add departments to those that a report is about."""
    known = set(units_of_report(report_id))
    db.session.add_all(
        ReportUnit(report_id=report_id, department_id=one) for one in sorted(set(department_ids) - known)
    )
    db.session.flush()
