"""What waits for a second person, and decisions that somebody must look at again."""

from typing import Final

from flask import Response
from marshmallow import Schema

from incident.core.values.moment import format_moment
from incident.store.approvals import TwoPersonRecord
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.deadlines.reviews import ReviewedDecision
from incident.store.incidents.incidents import Incident
from incident.store.queries.waiting_approvals import owed_reviews, waiting_approvals
from incident.web.api import schema_parts
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import noun
from incident.web.http.conditional import respond
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs

blueprint = noun("approvals", "What waits for a second person, and decisions that somebody must look at again.")
MAX_ITEMS: Final = 100

CONFIRM_PATHS: Final = {
    "awareness": "/awareness/{}/confirm",
    "clock_event": "/clock-events/{}/confirm",
    "filing_revocation": "/revocations/{}/confirm",
    "grade": "/gradings/{}/confirm",
    "handling_ended": "/handled/{}/confirm",
    "not_reportable": "/decisions/{}/confirm",
}
"""Where each kind is confirmed, with the id in the place of the brackets."""

DECLINE_PATHS: Final = {kind: path.replace("/confirm", "/decline") for kind, path in CONFIRM_PATHS.items()}
"""Where each kind is declined, with the id in the place of the brackets."""

REVIEW_PATHS: Final = {"grade": "/gradings/{}/review", "not_reportable": "/decisions/{}/review"}
"""Where it is recorded of each kind that somebody has looked at it again."""


class WaitingApprovalOut(Schema):
    """A record about an incident that waits for a second person."""

    kind = schema_parts.text(enum=sorted(CONFIRM_PATHS))
    id = schema_parts.number()
    incident = schema_parts.text("the number of the incident")
    grade = schema_parts.maybe_number("the proposed grade")
    filing = schema_parts.maybe_number("the filing that would be revoked")
    happened_at = schema_parts.maybe_at("the proposed time of awareness, of the end of handling or of an event")
    event = schema_parts.maybe("the kind of the event")
    is_withdrawal = schema_parts.truth("whether the event would be withdrawn")
    regime = schema_parts.maybe("the regime by which the incident would not be reported, or of the filing to revoke")
    reason = schema_parts.maybe()
    content_hash = schema_parts.text("SHA-256 of what is proposed")
    at = schema_parts.at("when it was proposed")
    by = schema_parts.text("who proposed it")
    expires_at = schema_parts.at()
    confirm = schema_parts.text("the path, below that of the API, to which the second person posts")
    decline = schema_parts.text("the path to which the second person posts who declines it, with a reason")


class WaitingApprovalsOut(Schema):
    """What the caller may confirm."""

    items = schema_parts.list_of(WaitingApprovalOut, f"oldest first, at most {MAX_ITEMS}")


class ReviewOut(Schema):
    """A decision that leaves an incident unreported, and that somebody must look at again."""

    kind = schema_parts.text(enum=sorted(REVIEW_PATHS))
    id = schema_parts.number()
    incident = schema_parts.text("the number of the incident")
    grade = schema_parts.maybe_number("the decided grade")
    regime = schema_parts.maybe("the regime by which the incident is not reported")
    reason = schema_parts.maybe()
    by = schema_parts.text("who proposed or decided it")
    confirmed_by = schema_parts.maybe("the second person")
    due_at = schema_parts.at()
    is_due = schema_parts.truth()
    review = schema_parts.text("the path, below that of the API, to which whoever has looked posts")


class ReviewsOut(Schema):
    """Decisions that somebody must look at again."""

    items = schema_parts.list_of(ReviewOut, f"the one due first on top, at most {MAX_ITEMS}")


@blueprint.route("/approvals", methods=["GET"])
@needs("incident.change")
@blueprint.response(200, WaitingApprovalsOut)
def list_waiting_approvals() -> Response:
    """List what waits for a second person on incidents; what the caller proposed or what has expired is left out."""
    rows = waiting_approvals(access.viewer(), now(), MAX_ITEMS)
    return respond({"items": [waiting_document(one, its) for one, its in rows]})


@blueprint.route("/reviews", methods=["GET"])
@needs("incident.change")
@blueprint.response(200, ReviewsOut)
def list_reviews() -> Response:
    """List the decisions that somebody must look at again, now or later."""
    rows = owed_reviews(access.viewer(), None, MAX_ITEMS)
    return respond({"items": [review_document(one, its) for one, its in rows]})


def waiting_document(row: TwoPersonRecord, incident: Incident) -> Document:
    """Serialize what waits for a second person."""
    return {
        **_about(row, incident),
        "happened_at": moment(row.happened_at) if isinstance(row, ClockEventRecord) else None,
        "event": row.kind if isinstance(row, ClockEventRecord) else None,
        "is_withdrawal": isinstance(row, ClockEventRecord) and row.is_withdrawal,
        "filing": row.filing_id if isinstance(row, FilingRevocation) else None,
        "content_hash": row.content_hash,
        "at": format_moment(row.proposed_at),
        "expires_at": format_moment(row.expires_at),
        "confirm": CONFIRM_PATHS[row.approval_kind].format(row.id),
        "decline": DECLINE_PATHS[row.approval_kind].format(row.id),
    }


def review_document(row: ReviewedDecision, incident: Incident) -> Document:
    """Serialize a decision that somebody must look at again."""
    due_at = row.review_due_at
    return {
        **_about(row, incident),
        "confirmed_by": row.confirmed_by,
        "due_at": moment(due_at),
        "is_due": due_at is not None and due_at <= now(),
        "review": REVIEW_PATHS[row.approval_kind].format(row.id),
    }


def _about(row: TwoPersonRecord, incident: Incident) -> Document:
    return {
        "kind": row.approval_kind,
        "id": row.id,
        "incident": incident.number,
        "grade": row.decided if isinstance(row, GradeDecision) else None,
        "regime": row.regime if isinstance(row, NotReportableDecision | FilingRevocation) else None,
        "reason": row.reason,
        "by": row.proposed_by,
    }
