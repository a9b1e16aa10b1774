"""Notices about urgent reports: the duty officer is paged once for those of some minutes."""

from incident.actions.notifications.default_departments import default_departments
from incident.actions.notifications.escalation import open_notice
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications.notice import UNANSWERED
from incident.core.notifications.subject import Subject
from incident.core.reports.urgent import PURPOSE, SUBJECT, UrgentPaging, joins_notice
from incident.store.db.database import advisory_lock
from incident.store.directory.departments import Department, department_by_code
from incident.store.notifications.notices import Notice, newest_notice_for
from incident.store.reports.reports import Report


def page_duty_officer(uow: UnitOfWork, report: Report, paging: UrgentPaging) -> bool:
    """Notify the department for urgent reports within the caller's transaction.

    A report joins the notice of the minutes before while nobody has answered it, so that a flood of reports is one
    page. Return whether the report is under a notice.

    Args:
        uow: the caller's unit of work.
        report: a new report.
        paging: which department, and for how long reports join.
    """
    department = None if report.emergency is None else _department(paging)
    if department is None:
        return False
    advisory_lock("urgent_reports")  # of two reports at once, the second joins the notice of the first
    notice = newest_notice_for(SUBJECT, PURPOSE, department.id)
    if notice is None or not _takes(notice, uow, paging):
        notice = open_notice(uow, Subject(SUBJECT, report.id), PURPOSE, None, department)
        uow.flush()
    report.urgent_notice_id = notice.id
    return True


def _department(paging: UrgentPaging) -> Department | None:
    named = None if paging.department is None else department_by_code(paging.department)
    return named or next(iter(default_departments()), None)


def _takes(notice: Notice, uow: UnitOfWork, paging: UrgentPaging) -> bool:
    return joins_notice(notice.state in UNANSWERED, notice.opened_at, uow.now, paging.window)
