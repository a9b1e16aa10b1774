"""Units that a report is about: named when it is sent, or added later by the desk."""

import datetime as dt
from collections.abc import Sequence

from incident.actions.notifications.answers import record_answer
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.reports.ending_calls import end_calls_of
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.notifications.notice import FINISHED
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.store.db.database import db
from incident.store.directory.departments import departments_by_codes
from incident.store.notifications.notices import Notice
from incident.store.reports.identity_requests import end_requests_of
from incident.store.reports.report_units import put_report_units, units_of_report
from incident.store.reports.reports import Report, count_under_notice, lock_report


def named_units(codes: Sequence[str]) -> Sequence[int]:
    """Return the ids of departments by code.

    Raises:
        RuleError: `department.unknown` for each code that no department has.
    """
    known = departments_by_codes(codes)
    unknown = [(place, one) for place, one in enumerate(codes) if one not in known]
    raise_all([RuleError("department.unknown", {"code": one}, pointer=f"/about_units/{at}") for at, one in unknown])
    return [known[one].id for one in codes]


def bar_report(report: Report, unit_ids: Sequence[int]) -> None:
    """Record within the caller's transaction that a report is about units; none stands for the office as a whole."""
    report.is_about_unit = True
    put_report_units(report.id, unit_ids)


def add_report_unit(report_id: int, unit_id: int, by: str, now: dt.datetime, version: int | None = None) -> None:
    """Record that a report is about a unit; nothing takes it back.

    A notice to the duty officer that it was the last report under is withdrawn. Requests for contact details and calls
    that are alive end, because the people who made them may be barred from now on.

    Args:
        report_id: the report.
        unit_id: the department.
        by: who; they may not be able to read the report afterwards.
        now: when (UTC).
        version: the version that the caller has read; None for any.

    Raises:
        RuleError: `version.stale`.
    """
    with transaction(by, now) as uow:
        report = lock_report(report_id)
        refuse_stale(report.version, version)
        known = units_of_report(report_id)
        if unit_id in known or (
            report.is_about_unit and not known
        ):  # about the office as a whole: nobody else reads it
            return
        bar_report(report, [unit_id])
        report.version += 1
        uow.record("report.unit_added", f"report:{report_id}", {})
        _leave_notice(uow, report)
        end_requests_of(report_id, now)
        end_calls_of(uow, report_id, "call.restricted")


def _leave_notice(uow: UnitOfWork, report: Report) -> None:
    notice_id, report.urgent_notice_id = report.urgent_notice_id, None
    db.session.flush()
    if notice_id is None or count_under_notice(notice_id):
        return
    notice = db.session.get_one(Notice, notice_id)
    if notice.state not in FINISHED:
        record_answer(uow, notice, "withdrawn", AnswerSource("report"))
