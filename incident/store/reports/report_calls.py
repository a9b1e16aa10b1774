"""Calls to reporters that somebody requested, and how they ended; no number of a reporter is in them."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.reports.calls import CallState, CallWay
from incident.store.db.database import Base, db

UNDER_WAY: Final = ("waiting", "calling")


class ReportCall(Base):
    """One call to the reporter of a report.

    `requester` is who asked, as `person:3`, `requested_by` the actor; `from_number` is theirs and is dialled first by a
    telephone system. `due_at` is when such a system is asked next or, while it is asked, when the outcome counts as
    uncertain. `operator` is who was shown the number. `fault` is the code of why it failed, None where an operator
    recorded it.
    """

    __tablename__ = "report_calls"
    __table_args__ = (Index("ix_report_calls_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    uuid: Mapped[str] = mapped_column(String(36))
    way: Mapped[CallWay] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(Text)
    from_number: Mapped[str | None] = mapped_column(String(20))
    requester: Mapped[str] = mapped_column(String(100))
    requested_by: Mapped[str] = mapped_column(String(300))
    requested_at: Mapped[dt.datetime]
    state: Mapped[CallState] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime | None]
    operator: Mapped[str | None] = mapped_column(String(300))
    fault: Mapped[str | None] = mapped_column(String(60))
    ended_at: Mapped[dt.datetime | None]


def lock_call(call_id: int) -> ReportCall | None:
    """Lock a call for the transaction and return it as it is now; None when there is none."""
    wanted = select(ReportCall).where(ReportCall.id == call_id)
    return db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def lock_due_call(now: dt.datetime) -> ReportCall | None:
    """Lock the call that a telephone system has been due to place, or to answer for, longest; None without one."""
    is_due = ReportCall.state.in_(UNDER_WAY) & (ReportCall.due_at <= now)
    wanted = select(ReportCall).where(ReportCall.way == "relay", is_due).order_by(ReportCall.due_at).limit(1)
    return db.session.scalar(wanted.with_for_update(skip_locked=True).execution_options(populate_existing=True))


def has_due_call(now: dt.datetime) -> bool:
    """Return whether `lock_due_call` would find one."""
    is_due = ReportCall.state.in_(UNDER_WAY) & (ReportCall.due_at <= now)
    return db.session.scalar(select(ReportCall.id).where(ReportCall.way == "relay", is_due).limit(1)) is not None


def calls_of_report(report_id: int, limit: int) -> Sequence[ReportCall]:
    """Return the calls to the reporter of a report, the newest first."""
    wanted = select(ReportCall).where(ReportCall.report_id == report_id)
    return db.session.scalars(wanted.order_by(ReportCall.id.desc()).limit(limit)).all()


def calls_under_way(report_id: int) -> Sequence[ReportCall]:
    """Return the calls of a report that have not ended."""
    wanted = select(ReportCall).where(ReportCall.report_id == report_id, ReportCall.state.in_(UNDER_WAY))
    return db.session.scalars(wanted).all()
