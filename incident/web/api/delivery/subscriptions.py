"""Subscriptions: other systems get events of the journal as signed webhooks."""

from typing import Any

from flask import Response
from marshmallow import fields as plain_fields

from incident.actions.delivery import subscriptions as use_cases
from incident.core.delivery.subscription import MAX_EVENTS, NAME_LIMIT, SHARED_TLP, SubscriptionFilter
from incident.outgoing.addresses import URL_LIMIT
from incident.store.delivery.subscriptions import Subscription, events_of, list_subscriptions
from incident.web import subscription_requests
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.delivery.contact_schemas import SecretOut, TestedOut
from incident.web.api.delivery.subscription_documents import (
    event_documents,
    subscription_document,
    subscription_documents,
)
from incident.web.api.delivery.subscription_schemas import EventOut, SubscriptionOut
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, Nothing, Paged, noun
from incident.web.api.fields import Choice, Items, Text, Truth
from incident.web.api.schema_parts import page_of
from incident.web.contact_channels import new_secret
from incident.web.http.conditional import read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("subscriptions", "Other systems that get events of the journal as signed webhooks.")
_ONE = f"/subscriptions/{ID.format('subscription_id')}"
_FEW = 100


class FilterIn(Arguments):
    """Which events it gets; without any, all that a reader may see up to TLP:AMBER, without drills."""

    categories = Items(fields.category(), _FEW, load_default=list)
    grades = Items(fields.Grade(), 4, load_default=list)
    departments = fields.codes(load_default=list)
    regions = Items(fields.area("330000"), _FEW, load_default=list)
    campaigns = Items(fields.area("Clean Net"), _FEW, load_default=list)
    tlp = Choice(SHARED_TLP, load_default="amber")
    has_exercises = Truth(load_default=False)


class SubscriptionChange(Arguments):
    """Members of a subscription to change; a filter replaces the present one."""

    name = Text(NAME_LIMIT, is_line=True)
    url = Text(URL_LIMIT, is_line=True, metadata={"example": "https://soc.example.org/hooks/incident"})
    events = Items(Text(60, is_line=True), MAX_EVENTS, metadata={"example": ["incident.*"]})
    filter = plain_fields.Nested(FilterIn)


class SubscriptionIn(SubscriptionChange):
    """A subscription."""

    name = Text(NAME_LIMIT, is_line=True, required=True)
    url = Text(URL_LIMIT, is_line=True, required=True, metadata={"example": "https://soc.example.org/hooks/incident"})
    events = Items(Text(60, is_line=True), MAX_EVENTS, required=True, metadata={"example": ["incident.*"]})


class Resumption(Arguments):
    """How a paused subscription goes on."""

    skips_missed = Truth(load_default=False, metadata={"description": "leave out what happened before now"})


class EventQuery(Paged):
    """Filters of the log."""

    state = Choice(("pending", "sending", "sent", "refused", "given_up", "cancelled"), load_default=None)


@blueprint.route("/subscriptions", methods=["GET"])
@needs("subscription.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(SubscriptionOut))
def list_all_subscriptions(given: dict[str, Any]) -> Response:
    """List the subscriptions, the oldest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    rows = list_subscriptions(after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": subscription_documents(shown), "next": following})


@blueprint.route("/subscriptions", methods=["POST"])
@needs("subscription.write")
@blueprint.arguments(SubscriptionIn)
@blueprint.response(201, SubscriptionOut)
def subscribe(given: dict[str, Any]) -> Response:
    """Subscribe an address to the events from now on; the secret is shown once."""
    kept = subscription_requests.require_subscription(
        given | {"filter": given.get("filter") or SubscriptionFilter().to_json()}
    )
    secret, ring, actor = new_secret(), current_instance().ring, require_caller().actor
    return create(
        lambda idempotency: use_cases.add_subscription(kept, secret, ring, actor, now(), idempotency),
        lambda row: subscription_document(row) | {"secret": secret},
        lambda document: f"/api/v1/subscriptions/{document['id']}",
    )


@blueprint.route(_ONE, methods=["GET"])
@needs("subscription.read")
@blueprint.response(200, SubscriptionOut)
def one_subscription(subscription_id: int) -> Response:
    """Return a subscription."""
    return _answer(access.visible_subscription(subscription_id))


@blueprint.route(_ONE, methods=["PATCH"])
@needs("subscription.write")
@blueprint.arguments(SubscriptionChange)
@blueprint.response(200, SubscriptionOut)
def change_one_subscription(given: dict[str, Any], subscription_id: int) -> Response:
    """Change name, address, events or filter; needs If-Match. Events that are queued keep their content."""
    row = access.visible_subscription(subscription_id)
    kept = subscription_requests.require_subscription(given)
    version = read_version(row.version, is_needed=True)
    return _answer(use_cases.change_subscription(row.id, kept, require_caller().actor, now(), version))


@blueprint.route(_ONE, methods=["DELETE"])
@needs("subscription.write")
@blueprint.response(204)
def unsubscribe(subscription_id: int) -> Response:
    """Remove a subscription with its queue and its log."""
    use_cases.remove_subscription(access.visible_subscription(subscription_id).id, require_caller().actor, now())
    return Response(status=204)


@blueprint.route(f"{_ONE}/test", methods=["POST"])
@needs("subscription.write")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(200, TestedOut)
def send_event_test(_given: dict[str, Any], subscription_id: int) -> Response:
    """Send a test event now and return the answer; in a demonstration nothing is sent."""
    tested = subscription_requests.send_test_event(access.visible_subscription(subscription_id))
    return respond({"outcome": tested.outcome, "is_sent": tested.is_sent, "answer": tested.answer})


@blueprint.route(f"{_ONE}/pause", methods=["POST"])
@needs("subscription.write")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(200, SubscriptionOut)
def pause_sending(_given: dict[str, Any], subscription_id: int) -> Response:
    """Send nothing until it is resumed; events wait."""
    row = access.visible_subscription(subscription_id)
    return _answer(use_cases.pause_subscription(row.id, require_caller().actor, now()))


@blueprint.route(f"{_ONE}/resume", methods=["POST"])
@needs("subscription.write")
@blueprint.arguments(Resumption, required=False)
@blueprint.response(200, SubscriptionOut)
def resume_sending(given: dict[str, Any], subscription_id: int) -> Response:
    """Send again, first what has waited; or only what happens from now on."""
    row, skips = access.visible_subscription(subscription_id), given["skips_missed"]
    return _answer(use_cases.resume_subscription(row.id, require_caller().actor, now(), skips_missed=skips))


@blueprint.route(f"{_ONE}/rotate-secret", methods=["POST"])
@needs("subscription.write")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(201, SecretOut)
def rotate_secret(_given: dict[str, Any], subscription_id: int) -> Response:
    """Replace the secret, shown once; for 24 hours events are signed with the old one as well."""
    row_id, secret = access.visible_subscription(subscription_id).id, new_secret()
    ring, actor = current_instance().ring, require_caller().actor
    return create(
        lambda idempotency: use_cases.rotate_subscription_secret(row_id, secret, ring, actor, now(), idempotency),
        lambda row: {"secret": secret, "old_secret_ends_at": moment(row.old_secret_ends_at)},
    )


@blueprint.route(f"{_ONE}/deliveries", methods=["GET"])
@needs("subscription.read")
@blueprint.arguments(EventQuery, location="query")
@blueprint.response(200, page_of(EventOut))
def list_deliveries(given: dict[str, Any], subscription_id: int) -> Response:
    """List the events of a subscription with their state, the newest first; ended ones for 30 days."""
    row = access.visible_subscription(subscription_id)
    after = read_cursor(given["cursor"], (int,)) or (None,)
    rows = events_of(row.id, after[0], given["limit"] + 1, given["state"])
    shown, following = page(rows, given["limit"], lambda one: (one.id,))
    return respond({"items": event_documents(shown), "next": following})


@blueprint.route(f"{_ONE}/deliveries/{ID.format('event_id')}/resend", methods=["POST"])
@needs("subscription.write")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(200, EventOut)
def resend_delivery(_given: dict[str, Any], subscription_id: int, event_id: int) -> Response:
    """Send an event again under its old `webhook-id`, retried for another day."""
    row = access.visible_subscription(subscription_id)
    return respond(event_documents([use_cases.resend_event(row.id, event_id, require_caller().actor, now())])[0])


def _answer(row: Subscription) -> Response:
    document: Document = subscription_document(row)
    return respond(document, version=row.version)
