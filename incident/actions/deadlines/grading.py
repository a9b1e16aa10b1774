"""Grading of incidents: answers to the questions of the rules, and decisions by one person or two."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from incident.actions import approvals
from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.deadlines.growth import keep_grading
from incident.actions.deadlines.not_reportable import end_not_reportable
from incident.actions.deadlines.reviews import owe_review, review_at_once
from incident.actions.graded_facts import grade_decision, grading_of
from incident.actions.incidents.regrade import regrade
from incident.actions.rule_set_versions import rule_sets_of
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.deadlines.grading import (
    REVIEW_AFTER,
    check_answers,
    check_decision,
    needs_review,
    needs_second,
)
from incident.core.deadlines.rule_sets import grading_questions
from incident.core.incidents import incident as rules_of_incident
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.moment import format_moment
from incident.store.approvals import AWAITING, IN_FORCE, outdate
from incident.store.deadlines import gradings
from incident.store.deadlines.gradings import GradeDecision, GradingAnswer
from incident.store.incidents.incidents import Incident, lock_incident

EVIDENCE_LIMIT: Final = 2_000
REASON_LIMIT: Final = 2_000


def put_answers(
    incident_id: int,
    given: Mapping[str, object],
    by: str,
    now: dt.datetime,
    *,
    ended: frozenset[str] = frozenset(),
    evidence: str | None = None,
) -> Incident:
    """Store answers about an incident.

    They outdate a decision that waits for a second person and every decision not to report; a decision on IV that
    leaves a graver grade possible must be looked at again at once. An answer that says the same as the present one is
    not stored again.

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
        questions = grading_questions(rule_sets_of(incident))
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
            outdate(gradings.standing_decisions(incident.id))
            detail = {"answers": stored, "evidence": evidence}
            uow.record("incident.grading_answered", f"incident:{incident.number}", detail, incident.number)
            end_not_reportable(uow, incident, "answers")
            review_at_once(uow, incident)
            keep_grading(uow, incident)
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


def decide_grade(
    incident_id: int,
    grade: int,
    reason: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> GradeDecision:
    """Decide the grade of an incident; a lower one waits for a second person.

    Lower than what the answers prove, or than the grade that is in force.

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
        is_alone = not needs_second(grade, grading, _grade_in_force(incident))
        outdate(gradings.standing_decisions(incident.id))
        row = uow.add(
            grade_decision(incident, grade, reason, grading, IN_FORCE if is_alone else AWAITING, by=by, now=now)
        )
        if is_alone:
            _enforce(uow, incident, row)
        else:
            approvals.await_second(uow, row)
            uow.record("incident.grade_proposed", f"incident:{incident.number}", _detail(row), incident.number)
        uow.store_response(row)
    return row


def _grade_in_force(incident: Incident) -> int | None:
    return next((one.decided for one in gradings.standing_decisions(incident.id) if one.state == IN_FORCE), None)


def _enforce(uow: UnitOfWork, incident: Incident, row: GradeDecision) -> None:
    outdate((one for one in gradings.standing_decisions(incident.id) if one.id != row.id), IN_FORCE, AWAITING)
    if needs_review(row.decided, grading_of(incident, uow.now)):
        owe_review(uow, incident, row, uow.now + REVIEW_AFTER)
    detail = _detail(row) | regrade(uow, incident, row.decided)
    uow.record("incident.grade_decided", f"incident:{incident.number}", detail, incident.number)
    end_not_reportable(uow, incident, "grade")
    keep_grading(uow, incident)
    recompute_clocks(uow, incident)


def _detail(row: GradeDecision) -> dict[str, Any]:
    detail = {"grade": row.decided, "proposed": row.proposed, "reason": row.reason, "content_hash": row.content_hash}
    review = {} if row.review_due_at is None else {"review_due_at": format_moment(row.review_due_at)}
    return {**detail, **review}


def confirm_grade(
    decision_id: int, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> GradeDecision:
    """Confirm a lower grade as the second person; from then on it is in force.

    Raises:
        RuleError: those of `approvals.confirm_as_second`; `incident.is_closed` (conflict).
    """

    def enforce(uow: UnitOfWork, incident: Incident, row: GradeDecision) -> None:
        rules_of_incident.refuse_closed(incident.status)
        _enforce(uow, incident, row)

    return approvals.confirm_as_second(GradeDecision, decision_id, enforce, by, now, idempotency)
