"""Notices that ask the departments of an incident to review a decision, as an escalation of their own."""

from typing import Final

from incident.actions.notifications import answers, escalation, pressing
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications import notice as rules_of_notice
from incident.core.notifications.subject import Purpose, Subject, SubjectType
from incident.store.db.database import db
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.deadlines.reviews import ReviewedDecision
from incident.store.directory import departments
from incident.store.incidents import lookups
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices
from incident.store.notifications.notices import Notice

PURPOSE: Final[Purpose] = "review"
TABLES: Final[dict[str, type[ReviewedDecision]]] = {"grade": GradeDecision, "not_reportable": NotReportableDecision}
TYPES: Final[dict[str, SubjectType]] = {"grade": "grade", "not_reportable": "not_reportable"}


def ask_departments(uow: UnitOfWork, incident: Incident, row: ReviewedDecision) -> None:
    """Ask the leading department within the caller's transaction to review a decision; who was asked is reminded.

    Where none leads, all departments on the incident are asked.
    """
    subject = Subject(TYPES[row.approval_kind], row.id)
    ids = lookups.leading_departments([incident.id]).get(incident.id, ())
    known = departments.departments_of(ids)
    for department in [known[one] for one in ids]:
        notice = notices.notice_about(subject, PURPOSE, department.id)
        if notice is None:
            escalation.open_notice(uow, subject, PURPOSE, incident, department)
        elif notice.state in rules_of_notice.FINISHED:
            escalation.restart_escalation(uow, notice)
        else:
            pressing.remind_notified(uow, notice)


def withdraw_reviews(uow: UnitOfWork, incident: Incident) -> None:
    """Withdraw the notices of decisions on a locked incident that are reviewed or no longer stand."""
    uow.flush()
    for notice in notices.notices_of_purpose(incident.id, PURPOSE):
        if notice.state not in rules_of_notice.FINISHED and not _is_owed(uow, notice):
            answers.record_answer(uow, notice, "withdrawn", AnswerSource("review"))


def _is_owed(uow: UnitOfWork, notice: Notice) -> bool:
    row = db.session.get_one(TABLES[notice.subject_type], notice.subject_id)
    return row.owes_review and row.review_due_at is not None and row.review_due_at <= uow.now
