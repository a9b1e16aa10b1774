"""Topics of Amazon SNS: which may send alerts."""

from typing import Any

from flask import Response
from marshmallow import Schema

from incident.actions.incidents import sns_topics as use_cases
from incident.core.incidents.signatures.sns import ARN_LIMIT
from incident.core.values.moment import format_moment
from incident.store.incidents import sns_topics
from incident.store.incidents.sns_topics import SnsTopic
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, noun
from incident.web.api.fields import Text
from incident.web.http.conditional import respond
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("topics", "Which topics of Amazon SNS may send alerts.")

STATES = ("waiting", "allowed", "confirming", "confirmed", "failed", "ended")


class SnsTopicOut(Schema):
    """A topic: whether it may send alerts, and the state of its subscription."""

    id = schema_parts.number()
    arn = schema_parts.text()
    state = schema_parts.text("waiting: nobody has allowed it; its alerts are refused", enum=list(STATES))
    first_at = schema_parts.at("when it was first heard of")
    allowed_at = schema_parts.maybe_at()
    confirmed_at = schema_parts.maybe_at()
    ended_at = schema_parts.maybe_at()
    fault = schema_parts.maybe("why its subscription could not be confirmed yet")


class SnsTopicsOut(Schema):
    """The topics; those that wait first."""

    items = schema_parts.list_of(SnsTopicOut)


class SnsTopicIn(Arguments):
    """A topic to allow."""

    arn = Text(
        ARN_LIMIT, is_line=True, required=True, metadata={"example": "arn:aws:sns:us-east-1:111122223333:alerts"}
    )


@blueprint.route("/sources/sns/topics", methods=["GET"])
@needs("source.read")
@blueprint.response(200, SnsTopicsOut)
def list_sns_topics() -> Response:
    """List the topics of Amazon SNS: those that may send alerts, and those that wait for it."""
    return respond({"items": [_document(row) for row in sns_topics.list_topics()]})


@blueprint.route("/sources/sns/topics", methods=["POST"])
@needs("source.write")
@blueprint.arguments(SnsTopicIn)
@blueprint.response(200, SnsTopicOut)
def allow_sns_topic(given: dict[str, Any]) -> Response:
    """Allow a topic to send alerts; the subscription that it has asked for is confirmed within seconds."""
    return respond(_document(use_cases.allow_topic(given["arn"], require_caller().actor, now())))


@blueprint.route(f"/sources/sns/topics/{ID.format('topic_id')}", methods=["DELETE"])
@needs("source.write")
@blueprint.response(204)
def remove_sns_topic(topic_id: int) -> Response:
    """Remove a topic: its alerts are refused from now on. End the subscription at Amazon as well."""
    use_cases.remove_topic(topic_id, require_caller().actor, now())
    return Response(status=204)


def _document(row: SnsTopic) -> Document:
    return {
        "id": row.id,
        "arn": row.arn,
        "state": row.state,
        "first_at": format_moment(row.first_at),
        "allowed_at": moment(row.allowed_at),
        "confirmed_at": moment(row.confirmed_at),
        "ended_at": moment(row.ended_at),
        "fault": row.fault,
    }
