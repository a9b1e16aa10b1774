"""Reviews of decisions that leave an incident unreported: owed a day later and at each changed answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Final, TypeVar

from incident.actions.deadlines.review_notices import TABLES, ask_departments, withdraw_reviews
from incident.actions.graded_facts import grading_of
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.deadlines.grading import needs_review
from incident.core.operations.approval import approver_of
from incident.core.values.faults import RuleError
from incident.store.approvals import IN_FORCE
from incident.store.db.database import db
from incident.store.deadlines import gradings
from incident.store.deadlines.not_reportable import standing_not_reportable
from incident.store.deadlines.reviews import ReviewedDecision
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.playbooks.timers import cancel_timers

Decision = TypeVar("Decision", bound=ReviewedDecision)

REVIEW: Final = "review"
"""The kind of the timers that ask for a review."""

REVIEWED: Final[Mapping[str, type[ReviewedDecision]]] = TABLES
"""The tables of decisions by the type of the subject of their timers."""


def owe_review(uow: UnitOfWork, incident: Incident, row: ReviewedDecision, due_at: dt.datetime | None) -> None:
    """Set when a decision must be reviewed, and its timer, within the caller's transaction.

    Args:
        uow: the caller's unit of work.
        incident: the incident, locked.
        row: the decision.
        due_at: when (UTC); None for no review.
    """
    if row.review_due_at is not None:
        uow.flush()
        cancel_timers(row.approval_kind, row.id, uow.now)
    row.review_due_at = due_at
    if due_at is not None and due_at > uow.now:
        insert_timer(uow, REVIEW, due_at, row.approval_kind, row.id, incident.id)


def ask_for_review(uow: UnitOfWork, kind: str, decision_id: int, incident: Incident) -> None:
    """Ask for the review of a decision that stands on an open incident, and record it.

    Args:
        uow: the caller's unit of work, by the scheduler.
        kind: of the decision, a key of `REVIEWED`.
        decision_id: the decision whose timer has come due.
        incident: its incident, locked.
    """
    row = db.session.get_one(REVIEWED[kind], decision_id)
    if row.state == IN_FORCE and row.review_due_at is not None and incident.status != "closed":
        _record_due(uow, incident, row, "time")


def ask_overdue(uow: UnitOfWork, incident: Incident) -> None:
    """Ask for the reviews of a reopened incident that fell due before, within the caller's transaction."""
    owed: list[ReviewedDecision] = [*gradings.standing_decisions(incident.id), *standing_not_reportable(incident.id)]
    for row in owed:
        if row.owes_review and row.review_due_at is not None and row.review_due_at < uow.now:
            _record_due(uow, incident, row, "time")


def _record_due(uow: UnitOfWork, incident: Incident, row: ReviewedDecision, cause: str) -> None:
    detail = {"kind": row.approval_kind, "id": row.id, "cause": cause}
    uow.record("incident.review_due", f"incident:{incident.number}", detail, incident.number)
    ask_departments(uow, incident, row)


def review_at_once(uow: UnitOfWork, incident: Incident, cause: str = "answers") -> None:
    """Ask for a review of the decided grade at once, or for none when no graver one is possible.

    Args:
        uow: the caller's unit of work.
        incident: the incident, locked.
        cause: what has changed: `answers` or `rules`.
    """
    grading = grading_of(incident, uow.now)
    for row in gradings.standing_decisions(incident.id):
        if row.state != IN_FORCE:
            continue
        is_needed = needs_review(row.decided, grading)
        owe_review(uow, incident, row, uow.now if is_needed else None)
        if is_needed:
            _record_due(uow, incident, row, cause)


def review_decision(model: type[Decision], decision_id: int, note: str, by: str, now: dt.datetime) -> Decision:
    """Record that somebody has looked again at a decision and that it stands.

    Args:
        model: the table of the decision.
        decision_id: the decision.
        note: why it stands.
        by: who has looked.
        now: when (UTC).

    Raises:
        RuleError: `approval.not_found` (not found); `review.not_owed`, `review.not_due` (conflict);
            `approval.not_by_person` (forbidden): a program reviews nothing.
    """
    found = db.session.get(model, decision_id)
    if found is None:
        raise RuleError("approval.not_found", kind="not_found")
    approver_of(by)
    incident_id = found.incident_id
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        row = db.session.get_one(model, decision_id, populate_existing=True)
        if row.state != IN_FORCE or row.review_due_at is None:
            raise RuleError("review.not_owed", kind="conflict")
        if now < row.review_due_at:
            raise RuleError("review.not_due", kind="conflict")
        owe_review(uow, incident, row, None)
        withdraw_reviews(uow, incident)
        row.reviewed_at, row.reviewed_by = now, by
        detail = {"kind": row.approval_kind, "id": row.id, "note": note}
        uow.record("incident.decision_reviewed", f"incident:{incident.number}", detail, incident.number)
    return row
