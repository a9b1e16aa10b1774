"""Grading of incidents: answers to the questions of the rules, and decisions by one person or two."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from incident.actions.approvals import record_approval
from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.deadlines.graded_facts import grading_of
from incident.actions.incidents.regrade import regrade
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.deadlines.grading import (
    Grading,
    check_answers,
    check_decision,
    needs_second,
)
from incident.core.deadlines.rule_sets import RuleSet, grading_questions
from incident.core.incidents import incident as rules_of_incident
from incident.core.operations.approval import missing_approvals
from incident.core.values.faults import RuleError, raise_all
from incident.data.grading_rules import rule_sets_for
from incident.store.db.database import db, to_json
from incident.store.deadlines import gradings
from incident.store.deadlines.gradings import GradeDecision, GradingAnswer
from incident.store.incidents.incidents import Incident, lock_incident

EVIDENCE_LIMIT: Final = 2_000
REASON_LIMIT: Final = 2_000
APPROVED: Final = "grade"
"""The kind of the approvals of grades."""


def put_answers(
    incident_id: int,
    given: Mapping[str, object],
    by: str,
    now: dt.datetime,
    *,
    ended: frozenset[str] = frozenset(),
    evidence: str | None = None,
) -> Incident:
    """Store answers about an incident; a decision that waits for a second person is outdated by them.

    An answer that says the same as the present one is not stored again.

    Args:
        incident_id: the incident.
        given: values by the key of the question; "unknown" for what is not known.
        by: who.
        now: when (UTC).
        ended: keys of minutes that no longer grow.
        evidence: how the answers are known.

    Raises:
        RuleError: those of `check_answers`; `incident.is_closed` (conflict).
    """
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        rules_of_incident.refuse_closed(incident.status)
        questions = grading_questions(rule_sets_for(incident.sector))
        values, present = check_answers(questions, given), gradings.latest_answers(incident.id)
        _refuse_unknown_keys(ended, values)
        stored: dict[str, Any] = {}
        for key, value in values.items():
            answer = {"value": value, "is_ongoing": questions[key].grows and key not in ended}
            if key in present and present[key].answer == answer and not answer["is_ongoing"]:
                continue
            _add_answer(uow, incident, key, answer, evidence)
            stored[key] = value
        if stored:
            _outdate(incident, gradings.AWAITING)
            detail = {"answers": stored, "evidence": evidence}
            uow.record("incident.grading_answered", f"incident:{incident.number}", detail, incident.number)
            recompute_clocks(uow, incident)
    return incident


def _refuse_unknown_keys(ended: Collection[str], values: Mapping[str, object]) -> None:
    raise_all(
        RuleError("grading.no_such_question", {"key": key[:60]}, pointer="/ended")
        for key in sorted(ended)
        if key not in values
    )


def _add_answer(
    uow: UnitOfWork, incident: Incident, key: str, answer: Mapping[str, Any], evidence: str | None
) -> GradingAnswer:
    return uow.add(
        GradingAnswer(
            incident_id=incident.id,
            key=key,
            answer=dict(answer),
            evidence=evidence,
            answered_at=uow.now,
            answered_by=uow.by,
        )
    )


def _outdate(incident: Incident, *states: str) -> None:
    for row in gradings.standing_decisions(incident.id):
        if row.state in states:
            row.state = gradings.OUTDATED


def decide_grade(
    incident_id: int,
    grade: int,
    reason: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> GradeDecision:
    """Decide the grade of an incident; one that is lower than what the answers prove waits for a second person.

    Args:
        incident_id: the incident.
        grade: 1 to 4.
        reason: needed when the grade differs from what is proved, or is 4 while a graver one is not excluded.
        by: who.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `grading.reason_missing`; `incident.is_closed` (conflict); `approval.not_by_person` (forbidden) when
            a program decides on a lower grade.
    """
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        rules_of_incident.refuse_closed(incident.status)
        grading = grading_of(incident, now)
        check_decision(grade, grading, reason)
        is_alone = not needs_second(grade, grading)
        row = uow.add(
            _decision(incident, grade, reason, grading, uow, gradings.IN_FORCE if is_alone else gradings.AWAITING)
        )
        if is_alone:
            _enforce(uow, incident, row)
        else:
            record_approval(uow, APPROVED, str(row.id), row.content_hash)
            uow.record("incident.grade_proposed", f"incident:{incident.number}", _detail(row), incident.number)
        uow.store_response(row)
    return row


def _decision(
    incident: Incident, grade: int, reason: str | None, grading: Grading, uow: UnitOfWork, state: str
) -> GradeDecision:
    _outdate(incident, gradings.AWAITING)
    basis = _basis(incident, rule_sets_for(incident.sector))
    content = to_json({"number": incident.number, "decided": grade, "reason": reason, **basis})
    return GradeDecision(
        incident_id=incident.id,
        state=state,
        proposed=grading.certain,
        possible=grading.possible,
        decided=grade,
        reason=reason,
        basis=basis,
        content_hash=hashlib.sha256(content.encode()).hexdigest(),
        decided_at=uow.now,
        decided_by=uow.by,
    )


def _basis(incident: Incident, rule_sets: Sequence[RuleSet]) -> dict[str, Any]:
    answers = {key: row.id for key, row in gradings.latest_answers(incident.id).items()}
    return {"rule_sets": {one.id: one.content_hash for one in rule_sets}, "answers": answers}


def _enforce(uow: UnitOfWork, incident: Incident, row: GradeDecision) -> None:
    for other in gradings.standing_decisions(incident.id):
        if other.id != row.id:
            other.state = gradings.OUTDATED
    row.state = gradings.IN_FORCE
    detail = _detail(row) | regrade(uow, incident, row.decided)
    uow.record("incident.grade_decided", f"incident:{incident.number}", detail, incident.number)
    recompute_clocks(uow, incident)


def _detail(row: GradeDecision) -> dict[str, Any]:
    return {"grade": row.decided, "proposed": row.proposed, "reason": row.reason, "content_hash": row.content_hash}


def confirm_grade(
    decision_id: int, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> GradeDecision:
    """Confirm a lower grade as the second person; from then on it is in force.

    Raises:
        RuleError: `grading.not_found` (not found), `grading.not_waiting`, `approval.is_given` for the same person,
            `incident.is_closed` (conflict); `approval.not_by_person` (forbidden).
    """
    found = db.session.get(GradeDecision, decision_id)
    if found is None:
        raise RuleError("grading.not_found", kind="not_found")
    incident_id = found.incident_id
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        rules_of_incident.refuse_closed(incident.status)
        row = db.session.get_one(GradeDecision, decision_id, populate_existing=True)
        if row.state != gradings.AWAITING:
            raise RuleError("grading.not_waiting", kind="conflict")
        given = record_approval(uow, APPROVED, str(row.id), row.content_hash)
        if not missing_approvals([one.approver for one in given]):
            row.confirmed_at, row.confirmed_by = now, by
            _enforce(uow, incident, row)
        uow.store_response(row)
    return row
