"""Reviews of closed incidents and their actions."""

from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields

from incident.actions.incidents import closing_reviews as use_cases
from incident.actions.incidents.closing_reviews import NewReviewAction
from incident.actions.incidents.owners import owner_facts
from incident.core.incidents.closing_review import ACTION_LIMIT, REVIEW_LIMIT
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.incidents.closing_reviews import ClosingReview, ReviewAction, review_of
from incident.store.incidents.incidents import Incident
from incident.store.queries.own_review_actions import own_open_actions
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, noun
from incident.web.api.fields import LaterMoment, Text
from incident.web.api.incidents.incident_schemas import OwnerOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import access, review_access
from incident.web.security.auth import needs, require_caller

OWN_LIMIT: Final = 200
blueprint = noun("reviews", "What was learned from closed incidents, and what must be done.")
_ONE: Final = f"/incidents/<number>/review/actions/{ID.format('action_id')}"


class ReviewActionOut(Schema):
    """An action of a review."""

    id = schema_parts.number()
    incident = schema_parts.text(example="INC-2026-000001")
    title = schema_parts.text()
    owner = fields.Nested(OwnerOut, required=True)
    due_at = schema_parts.at()
    remind_at = schema_parts.at("when its owner is reminded first; once more when it is due")
    state = schema_parts.text(enum=["open", "done"])
    done_at = schema_parts.maybe_at()
    done_by = schema_parts.maybe()


class ClosingReviewOut(Schema):
    """The review of an incident; empty before somebody has written it."""

    went_well = schema_parts.text()
    went_wrong = schema_parts.text()
    written_at = schema_parts.maybe_at()
    written_by = schema_parts.maybe()
    actions = schema_parts.list_of(ReviewActionOut)


class ReviewIn(Arguments):
    """What went well, and what did not; one of them may be empty."""

    went_well = Text(REVIEW_LIMIT, may_be_empty=True, load_default="", metadata={"example": "The rota answered."})
    went_wrong = Text(REVIEW_LIMIT, may_be_empty=True, load_default="")


class ReviewActionIn(Arguments):
    """What somebody must do, who, and until when."""

    title = Text(ACTION_LIMIT, is_line=True, required=True)
    owner = Text(200, is_line=True, required=True, metadata={"description": "the login of a person", "example": "li"})
    due_at = LaterMoment(required=True)
    remind_at = LaterMoment(allow_none=True, load_default=None, metadata={"description": "null for a day before"})


def action_document(row: ReviewAction) -> Document:
    """Serialize an action of a review."""
    return {
        "id": row.id,
        "incident": db.session.get_one(Incident, row.incident_id).number,
        "title": row.title,
        "owner": owner_facts(row.owner_id),
        "due_at": format_moment(row.due_at),
        "remind_at": format_moment(row.remind_at),
        "state": row.state,
        "done_at": moment(row.done_at),
        "done_by": row.done_by,
    }


def _review_document(incident: Incident, row: ClosingReview | None) -> Document:
    return {
        "went_well": "" if row is None else row.went_well,
        "went_wrong": "" if row is None else row.went_wrong,
        "written_at": None if row is None else moment(row.written_at),
        "written_by": None if row is None else row.written_by,
        "actions": [action_document(one) for one in review_access.visible_review_actions(incident)],
    }


@blueprint.route("/incidents/<number>/review", methods=["GET"])
@needs("journal.read")
@blueprint.response(200, ClosingReviewOut)
def read_review(number: str) -> Response:
    """Read the review of an incident with its actions, those that are due first in front."""
    incident = access.visible_incident(number)
    return respond(_review_document(incident, review_of(incident.id)))


@blueprint.route("/incidents/<number>/review", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(ReviewIn)
@blueprint.response(200, ClosingReviewOut)
def write_review(given: dict[str, Any], number: str) -> Response:
    """Write the review of a closed incident, or replace it."""
    incident, actor = access.visible_incident(number), require_caller().actor
    incident_id = incident.id
    return create(
        lambda idempotency: use_cases.write_review(incident_id, **given, by=actor, now=now(), idempotency=idempotency),
        lambda row: _review_document(incident, row),
        status=200,
    )


@blueprint.route("/incidents/<number>/review/actions", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(ReviewActionIn)
@blueprint.response(201, ReviewActionOut)
def add_review_action(given: dict[str, Any], number: str) -> Response:
    """Add an action to the review of a closed incident; its owner is notified and reminded."""
    incident_id, actor = access.visible_incident(number).id, require_caller().actor
    new = NewReviewAction(**given)
    return create(
        lambda idempotency: use_cases.add_review_action(incident_id, new, actor, now(), idempotency), action_document
    )


@blueprint.route(f"{_ONE}/done", methods=["POST"])
@needs("incident.read")
@blueprint.response(200, ReviewActionOut)
def end_review_action(number: str, action_id: int) -> Response:
    """Mark an action as done: its owner does, or who may change the incident."""
    row = review_access.endable_review_action(number, action_id)
    return respond(action_document(use_cases.end_review_action(row.id, require_caller().actor, now())))


@blueprint.route(_ONE, methods=["DELETE"])
@needs("incident.change")
@blueprint.response(204)
def remove_review_action(number: str, action_id: int) -> Response:
    """Remove an action from a review; the journal keeps it."""
    row = review_access.visible_review_action(number, action_id)
    use_cases.remove_review_action(row.id, require_caller().actor, now())
    return Response(status=204)


@blueprint.route("/review-actions", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, page_of(ReviewActionOut))
def list_own_review_actions() -> Response:
    """List the caller's open actions of reviews, those that are due first in front; all on one page."""
    rows = own_open_actions(access.viewer(), OWN_LIMIT)
    return respond({"items": [action_document(one) for one, _incident in rows], "next": None})
