"""Reviews of decisions that leave an incident unreported: owed a day later and at each changed answer."""

import datetime as dt
from typing import TypeVar

from incident.actions.deadlines.graded_facts import grading_of
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.deadlines.grading import needs_review
from incident.core.operations.approval import approver_of
from incident.core.values.faults import RuleError
from incident.store.approvals import IN_FORCE
from incident.store.db.database import db
from incident.store.deadlines import gradings
from incident.store.deadlines.reviews import ReviewedDecision
from incident.store.incidents.incidents import Incident, lock_incident

Decision = TypeVar("Decision", bound=ReviewedDecision)


def review_at_once(uow: UnitOfWork, incident: Incident) -> None:
    """Ask for a review of the decided grade at once, or for none when no graver one is possible."""
    grading = grading_of(incident, uow.now)
    for row in gradings.standing_decisions(incident.id):
        if row.state != IN_FORCE:
            continue
        is_needed = needs_review(row.decided, grading)
        row.review_due_at = uow.now if is_needed else None
        if is_needed:
            detail = {"kind": row.approval_kind, "id": row.id, "grade": row.decided}
            uow.record("incident.review_due", f"incident:{incident.number}", detail, incident.number)


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
        row.review_due_at, row.reviewed_at, row.reviewed_by = None, now, by
        detail = {"kind": row.approval_kind, "id": row.id, "note": note}
        uow.record("incident.decision_reviewed", f"incident:{incident.number}", detail, incident.number)
    return row
