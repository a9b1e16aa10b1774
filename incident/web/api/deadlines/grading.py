"""Grading of incidents: questions, answers, what they prove, and decisions on the grade."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields

from incident.actions.deadlines import grading as use_cases
from incident.actions.deadlines.reviews import review_decision
from incident.actions.graded_facts import answers_of, grading_of
from incident.actions.rule_set_versions import rule_sets_of
from incident.core.deadlines.grading import Answer
from incident.core.deadlines.rule_sets import GradingLine, GradingQuestion, grading_questions
from incident.core.values.moment import format_moment
from incident.store.approvals import APPROVAL_STATES, AWAITING
from incident.store.deadlines import gradings
from incident.store.deadlines.figures import confirmed_hashes
from incident.store.deadlines.gradings import GradeDecision
from incident.store.incidents.incidents import Incident
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.deadlines.declining import answer_decline
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, WithNeededReason, noun
from incident.web.api.fields import Grade, Items, Text, Values
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import access, grading_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("gradings", "Grades of incidents by the rules of authorities.")
MAX_DECISIONS: Final = 50
BILINGUAL: Final = {"additionalProperties": {"type": "string"}, "example": {"en": "Half or more", "zh": "50%以上"}}


class RuleSetOut(Schema):
    """A rule set by which the incident is graded."""

    id = schema_parts.text(example="cn-cac-guide")
    title = fields.Dict(required=True, metadata=BILINGUAL)
    ref = schema_parts.text("the rule that it cites")
    content_hash = schema_parts.text("SHA-256 of its data")


class GradingChoiceOut(Schema):
    """One answer of a question with choices."""

    value = schema_parts.text()
    text = fields.Dict(required=True, metadata=BILINGUAL)


class QuestionOut(Schema):
    """A question; `evidence` is the weakest of the figures that its answer is compared with."""

    key = schema_parts.text(example="persons_leaked")
    kind = schema_parts.text(enum=["yes_no", "number", "choice"])
    unit = schema_parts.maybe("min (grows with time) or cny")
    choices = schema_parts.list_of(GradingChoiceOut)
    text = fields.Dict(required=True, metadata=BILINGUAL)
    evidence = schema_parts.text(enum=["primary", "reprint", "fragments", "draft", "recalled"])
    is_verified = schema_parts.truth("whether all of them were read in the rule in force, or confirmed")


class GradingAnswerOut(Schema):
    """The present answer of a question."""

    value = fields.Raw(required=True, metadata={"description": 'true, false, a number, a choice, or "unknown"'})
    is_ongoing = schema_parts.truth("whether a number of minutes still grows")
    evidence = schema_parts.maybe("how it is known")
    at = schema_parts.at()
    by = schema_parts.text()


class GradingLineOut(Schema):
    """A line that gives the certain grade."""

    key = schema_parts.text()
    grade = schema_parts.number()
    text = fields.Dict(required=True, metadata=BILINGUAL)
    evidence = schema_parts.text(enum=["primary", "reprint", "fragments", "draft", "recalled"])
    is_verified = schema_parts.truth("whether its figure was read in the rule in force, or confirmed")


class ThresholdOut(Schema):
    """A grade that will be reached unless what grows ends before."""

    grade = schema_parts.number()
    at = schema_parts.at()


class DecisionOut(Schema):
    """A decision on the grade."""

    id = schema_parts.number()
    state = schema_parts.text(enum=list(APPROVAL_STATES))
    decided = schema_parts.number()
    proposed = schema_parts.number("the grade that was certain")
    possible = schema_parts.number("the gravest that was not excluded")
    reason = schema_parts.maybe()
    content_hash = schema_parts.text("SHA-256 of the decision with its rules and answers")
    at = schema_parts.at()
    by = schema_parts.text()
    confirmed_at = schema_parts.maybe_at()
    confirmed_by = schema_parts.maybe("the second person")
    declined_at = schema_parts.maybe_at()
    declined_by = schema_parts.maybe("the second person who declined it")
    decline_reason = schema_parts.maybe()
    review_due_at = schema_parts.maybe_at("when somebody must look at it again; null when nobody must")
    reviewed_at = schema_parts.maybe_at()
    reviewed_by = schema_parts.maybe()


class GradingOut(Schema):
    """Questions, answers, and the grade that they prove. Grades are numbers from 1 (gravest) to 4."""

    rule_sets = schema_parts.list_of(RuleSetOut)
    questions = schema_parts.list_of(QuestionOut)
    answers = fields.Dict(required=True, values=fields.Nested(GradingAnswerOut))
    certain = schema_parts.number("proved by the answers; 4 when nothing graver is")
    possible = schema_parts.number("the gravest that is not excluded")
    proposed = schema_parts.number("the same as certain")
    lines = schema_parts.list_of(GradingLineOut)
    open = schema_parts.list_of(fields.String(), "keys whose answers could make the grade graver, the gravest first")
    next = schema_parts.list_of(ThresholdOut)
    decisions = schema_parts.list_of(DecisionOut, "newest first")


class AnswersIn(Arguments):
    """Answers by the key of the question."""

    answers = Values(required=True, metadata={"example": {"cii_down_minutes": 35, "portal_level": "unknown"}})
    ended = Items(
        Text(60, is_line=True), 40, load_default=list, metadata={"description": "keys of minutes that no longer grow"}
    )
    evidence = Text(use_cases.EVIDENCE_LIMIT, allow_none=True, load_default=None)


class DecisionIn(Arguments):
    """The grade; one that differs from `certain`, or is 4 while a graver one is possible, needs a reason."""

    grade = Grade(required=True)
    reason = Text(use_cases.REASON_LIMIT, allow_none=True, load_default=None)


AWAITING_SECOND: Final = {
    "description": "A second person must confirm it.",
    "content": {"application/json": {"schema": DecisionOut}},
}


@blueprint.route("/incidents/<number>/grading", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, GradingOut)
def read_grading(number: str) -> Response:
    """Read the questions about an incident, the answers, and the grade that they prove."""
    return respond(grading_document(access.visible_incident(number)))


@blueprint.route("/incidents/<number>/grading/answers", methods=["PUT"])
@needs("incident.change")
@blueprint.arguments(AnswersIn)
@blueprint.response(200, GradingOut)
def put_answers(given: dict[str, Any], number: str) -> Response:
    """Answer questions about an incident; those that are not named keep their answers."""
    incident, actor = access.visible_incident(number), require_caller().actor
    ended = frozenset(given["ended"])
    evidence = given["evidence"]
    stored = use_cases.put_answers(incident.id, given["answers"], actor, now(), ended=ended, evidence=evidence)
    return respond(grading_document(stored))


@blueprint.route("/incidents/<number>/grading/decide", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(DecisionIn)
@blueprint.response(201, DecisionOut)
@blueprint.doc(responses={"202": AWAITING_SECOND})
def decide_grade(given: dict[str, Any], number: str) -> Response:
    """Decide the grade of an incident; a lower one than is proved waits for a second person (202)."""
    incident_id, actor = access.visible_incident(number).id, require_caller().actor
    return create(
        lambda idempotency: use_cases.decide_grade(
            incident_id, given["grade"], given["reason"], actor, now(), idempotency
        ),
        decision_document,
        status=lambda row: 202 if row.state == AWAITING else 201,
    )


@blueprint.route(f"/gradings/{ID.format('decision_id')}/confirm", methods=["POST"])
@needs("incident.change")
@blueprint.response(200, DecisionOut)
def confirm_grade(decision_id: int) -> Response:
    """Confirm a lower grade as the second person."""
    grading_access.visible_decision(decision_id)
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.confirm_grade(decision_id, actor, now(), idempotency),
        decision_document,
        status=200,
    )


@blueprint.route(f"/gradings/{ID.format('decision_id')}/decline", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, DecisionOut)
def decline_grade(given: dict[str, Any], decision_id: int) -> Response:
    """Decline a lower grade as the second person; the present grade stays and the proposer learns why."""
    grading_access.visible_decision(decision_id)
    return answer_decline(GradeDecision, decision_id, given["reason"], decision_document)


@blueprint.route(f"/gradings/{ID.format('decision_id')}/review", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, DecisionOut)
def review_grade(given: dict[str, Any], decision_id: int) -> Response:
    """Record that somebody has looked again at a decision on IV that is due for it, and why it stands."""
    grading_access.visible_decision(decision_id)
    row = review_decision(GradeDecision, decision_id, given["reason"], require_caller().actor, now())
    return respond(decision_document(row))


def grading_document(incident: Incident) -> Document:
    """Serialize the grading of an incident."""
    rule_sets, result = rule_sets_of(incident), grading_of(incident, now())
    answers = answers_of(incident)
    lines, confirmed = [line for one in rule_sets for line in one.lines], confirmed_hashes()
    return {
        "rule_sets": [
            {"id": one.id, "title": one.title, "ref": one.ref, "content_hash": one.content_hash} for one in rule_sets
        ],
        "questions": [_question(one, lines, confirmed) for one in grading_questions(rule_sets).values()],
        "answers": {key: _answer(row, answers[key]) for key, row in gradings.latest_answers(incident.id).items()},
        "certain": result.certain,
        "possible": result.possible,
        "proposed": result.certain,
        "lines": [_line(one, confirmed) for one in result.lines],
        "open": list(result.open_questions),
        "next": [{"grade": one.grade, "at": format_moment(one.at)} for one in result.following],
        "decisions": [decision_document(one) for one in gradings.decisions_on(incident.id, MAX_DECISIONS)],
    }


_STRENGTH: Final[Mapping[str, int]] = {"primary": 0, "reprint": 1, "fragments": 2, "draft": 3, "recalled": 4}


def _question(question: GradingQuestion, lines: list[GradingLine], confirmed: frozenset[str]) -> Document:
    compared = [line for line in lines if any(one.key == question.key for one in line.conditions)]
    return {
        "key": question.key,
        "kind": question.kind,
        "unit": question.unit,
        "choices": [{"value": one.value, "text": one.text} for one in question.choices],
        "text": question.text,
        "evidence": max((line.evidence for line in compared), key=lambda one: _STRENGTH[one]),
        "is_verified": all(line.is_verified or line.figure_hash in confirmed for line in compared),
    }


def _answer(row: gradings.GradingAnswer, answer: Answer) -> Document:
    value = row.answer["value"]
    return {
        "value": "unknown" if value is None else value,
        "is_ongoing": row.answer["is_ongoing"] and answer.until is None,
        "evidence": row.evidence,
        "at": format_moment(row.answered_at),
        "by": row.answered_by,
    }


def _line(line: GradingLine, confirmed: frozenset[str]) -> Document:
    return {
        "key": line.key,
        "grade": line.grade,
        "text": line.text,
        "evidence": line.evidence,
        "is_verified": line.is_verified or line.figure_hash in confirmed,
    }


def decision_document(row: GradeDecision) -> Document:
    """Serialize a decision."""
    return {
        "id": row.id,
        "state": row.state_at(now()),
        "decided": row.decided,
        "proposed": row.proposed,
        "possible": row.possible,
        "reason": row.reason,
        "content_hash": row.content_hash,
        "at": format_moment(row.proposed_at),
        "by": row.proposed_by,
        "confirmed_at": moment(row.confirmed_at),
        "confirmed_by": row.confirmed_by,
        "declined_at": moment(row.declined_at),
        "declined_by": row.declined_by,
        "decline_reason": row.decline_reason,
        "review_due_at": moment(row.review_due_at) if row.owes_review else None,
        "reviewed_at": moment(row.reviewed_at),
        "reviewed_by": row.reviewed_by,
    }
