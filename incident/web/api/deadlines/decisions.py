"""Decisions that an incident is not reported by a regime, each of two people."""

from typing import Any

from flask import Response
from marshmallow import Schema

from incident.actions.deadlines import not_reportable as use_cases
from incident.actions.deadlines.reviews import review_decision
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.moment import format_moment
from incident.store.approvals import APPROVAL_STATES
from incident.store.deadlines.not_reportable import NotReportableDecision, not_reportable_on
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.deadlines.declining import answer_decline
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, WithNeededReason, noun
from incident.web.api.fields import Text
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import access, clock_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("decisions", "Decisions that an incident is not reported to an authority. This is not legal advice.")


class NotReportableOut(Schema):
    """A decision that an incident is not reported by a regime. Changed answers and grades end it."""

    id = schema_parts.number()
    incident = schema_parts.text("the number of the incident")
    regime = schema_parts.text(example="cn-cac-cii")
    state = schema_parts.text(enum=list(APPROVAL_STATES))
    reason = schema_parts.text()
    content_hash = schema_parts.text("SHA-256 of the decision with its regime, grade, rules and answers")
    at = schema_parts.at()
    by = schema_parts.text("who proposed it")
    expires_at = schema_parts.at("until when it waits for the second person")
    confirmed_at = schema_parts.maybe_at()
    confirmed_by = schema_parts.maybe("the second person")
    declined_at = schema_parts.maybe_at()
    declined_by = schema_parts.maybe("the second person who declined it")
    decline_reason = schema_parts.maybe()
    review_due_at = schema_parts.maybe_at("when somebody must look at it again; null when nobody must")
    reviewed_at = schema_parts.maybe_at()
    reviewed_by = schema_parts.maybe()


class NotReportablesOut(Schema):
    """The decisions on an incident, in the order in which they were proposed."""

    items = schema_parts.list_of(NotReportableOut)


class NotReportableIn(Arguments):
    """The regime by which the incident is not reported, and why."""

    regime = Text(60, is_line=True, required=True, metadata={"example": "cn-cac-cii"})
    reason = Text(REASON_LIMIT, required=True)


AWAITING_SECOND = {
    "description": "A second person must confirm it.",
    "content": {"application/json": {"schema": NotReportableOut}},
}


@blueprint.route("/incidents/<number>/decisions", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, NotReportablesOut)
def list_not_reportable(number: str) -> Response:
    """List the decisions that an incident is not reported, those that no longer stand included."""
    incident = access.visible_incident(number)
    return respond({"items": [not_reportable_document(one, number) for one in not_reportable_on(incident.id)]})


@blueprint.route("/incidents/<number>/decisions/not-reportable", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(NotReportableIn)
@blueprint.response(202, NotReportableOut)
def propose_not_reportable(given: dict[str, Any], number: str) -> Response:
    """Propose that an incident is not reported by a regime; it waits for a second person."""
    incident_id, actor = access.visible_incident(number).id, require_caller().actor
    return create(
        lambda idempotency: use_cases.propose_not_reportable(
            incident_id, given["regime"], given["reason"], actor, now(), idempotency
        ),
        lambda row: not_reportable_document(row, number),
        status=202,
    )


@blueprint.route(f"/decisions/{ID.format('decision_id')}/confirm", methods=["POST"])
@needs("incident.change")
@blueprint.response(200, NotReportableOut)
def confirm_not_reportable(decision_id: int) -> Response:
    """Confirm as the second person that an incident is not reported; the regime's clocks then do not apply."""
    number, actor = _number(decision_id), require_caller().actor
    return create(
        lambda idempotency: use_cases.confirm_not_reportable(decision_id, actor, now(), idempotency),
        lambda row: not_reportable_document(row, number),
        status=200,
    )


@blueprint.route(f"/decisions/{ID.format('decision_id')}/decline", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, NotReportableOut)
def decline_not_reportable(given: dict[str, Any], decision_id: int) -> Response:
    """Decline as the second person that an incident is not reported; its proposer learns why."""
    number = _number(decision_id)
    return answer_decline(
        NotReportableDecision, decision_id, given["reason"], lambda row: not_reportable_document(row, number)
    )


@blueprint.route(f"/decisions/{ID.format('decision_id')}/withdraw", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, NotReportableOut)
def withdraw_not_reportable(given: dict[str, Any], decision_id: int) -> Response:
    """Take a decision back; the regime's clocks run again at once."""
    number = _number(decision_id)
    row = use_cases.withdraw_not_reportable(decision_id, given["reason"], require_caller().actor, now())
    return respond(not_reportable_document(row, number))


@blueprint.route(f"/decisions/{ID.format('decision_id')}/review", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, NotReportableOut)
def review_not_reportable(given: dict[str, Any], decision_id: int) -> Response:
    """Record that somebody has looked again at a decision that is due for it, and why it stands."""
    number = _number(decision_id)
    row = review_decision(NotReportableDecision, decision_id, given["reason"], require_caller().actor, now())
    return respond(not_reportable_document(row, number))


def _number(decision_id: int) -> str:
    return access.incident_of(clock_access.visible_not_reportable(decision_id)).number


def not_reportable_document(row: NotReportableDecision, number: str) -> Document:
    """Serialize a decision on the incident of a number."""
    return {
        "id": row.id,
        "incident": number,
        "regime": row.regime,
        "state": row.state_at(now()),
        "reason": row.reason,
        "content_hash": row.content_hash,
        "at": format_moment(row.proposed_at),
        "by": row.proposed_by,
        "expires_at": format_moment(row.expires_at),
        "confirmed_at": moment(row.confirmed_at),
        "confirmed_by": row.confirmed_by,
        "declined_at": moment(row.declined_at),
        "declined_by": row.declined_by,
        "decline_reason": row.decline_reason,
        "review_due_at": moment(row.review_due_at) if row.owes_review else None,
        "reviewed_at": moment(row.reviewed_at),
        "reviewed_by": row.reviewed_by,
    }
