"""Giving an incident another grade within a transaction."""

from collections.abc import Mapping
from typing import Any

from incident.actions.graded_facts import grade_decision, grading_of
from incident.actions.incidents import rerouting
from incident.actions.notifications import escalation
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork
from incident.core.values.faults import RuleError
from incident.store.approvals import AWAITING, IN_FORCE, outdate
from incident.store.deadlines import gradings
from incident.store.deadlines.incident_gradings import GRADING, GROWTH, add_incident_grading
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.timers import cancel_timers
from incident.store.queries.news_audience import Announcement


def regrade(uow: UnitOfWork, incident: Incident, grade: int) -> dict[str, Any]:
    """Set the grade of a locked incident; deadlines of its notices follow. Return what changed, for the journal."""
    if incident.grade == grade:
        return {}
    detail: dict[str, Any] = {"before": {"grade": incident.grade}, "after": {"grade": grade}}
    incident.grade = grade
    proposed = rerouting.propose(incident, {"grade"})
    if proposed:
        detail["after"]["departments_proposed"] = proposed
    follow_grade(uow, incident)
    incident.changed_at = uow.now
    incident.version += 1
    return detail


def follow_grade(uow: UnitOfWork, incident: Incident) -> None:
    """Let the deadlines of notices follow a new grade, and notify the followers of it."""
    escalation.reschedule_escalation(uow, incident)
    uow.news.append(Announcement(incident, "grade", str(incident.grade or "")))


def end_growth(uow: UnitOfWork, incident: Incident) -> None:
    """Cancel the timer of the next grade that a growing number reaches: nothing grows on a closed incident."""
    uow.flush()
    cancel_timers(GROWTH, incident.id, uow.now)


def grade_later(uow: UnitOfWork, incident: Incident, cause: str) -> None:
    """Have a locked incident graded again right after the caller's transaction, whose clocks then follow.

    Args:
        uow: the caller's unit of work.
        incident: the incident.
        cause: what has changed: `sector`, `grade` or `reopened`.
    """
    insert_timer(uow, cause, uow.now, GRADING, incident.id, incident.id)


def stop_growth(incident: Incident) -> None:
    """Let numbers that grew until a locked incident was closed stay as they were then; for one that is reopened."""
    add_incident_grading(incident.id).stopped_at = incident.closed_at


def decide_raise(uow: UnitOfWork, incident: Incident) -> None:
    """Record a graver grade than the decided one, which somebody gave a locked incident, as a decision in force.

    Without a decision nothing is decided by it. The clocks follow right after the caller's transaction.
    """
    standing = gradings.standing_decisions(incident.id)
    decided = [one.decided for one in standing if one.state == IN_FORCE]
    if not decided or incident.grade is None or incident.grade >= decided[-1]:
        return
    outdate(standing, IN_FORCE, AWAITING)
    grading = grading_of(incident, uow.now)
    row = uow.add(grade_decision(incident, incident.grade, None, grading, IN_FORCE, by=uow.by, now=uow.now))
    detail = {"grade": row.decided, "proposed": row.proposed, "reason": None, "content_hash": row.content_hash}
    uow.record("incident.grade_decided", f"incident:{incident.number}", detail, incident.number)
    grade_later(uow, incident, "grade")


def refuse_below_decision(incident: Incident, changes: Mapping[str, Any]) -> None:
    """Refuse a change to a lower grade than the one that was decided by grading: that needs a second person.

    Raises:
        RuleError: `grading.is_decided` (conflict).
    """
    if "grade" not in changes:
        return
    decided = [one.decided for one in gradings.standing_decisions(incident.id) if one.state == IN_FORCE]
    if decided and (changes["grade"] is None or changes["grade"] > decided[-1]):
        raise RuleError("grading.is_decided", pointer="/grade", kind="conflict")
