"""Schemas of subscriptions and of their deliveries."""

from marshmallow import Schema, fields

from incident.core.delivery.subscription import SHARED_TLP
from incident.web.api import schema_parts


class FilterOut(Schema):
    """Which events it gets; an empty list means all."""

    categories = schema_parts.list_of(fields.String())
    grades = schema_parts.list_of(fields.Integer())
    departments = schema_parts.list_of(fields.String(), "codes")
    regions = schema_parts.list_of(fields.String())
    campaigns = schema_parts.list_of(fields.String())
    tlp = schema_parts.text("the highest sharing level", enum=list(SHARED_TLP))
    has_exercises = schema_parts.truth("drills are included")


class SubscriptionOut(Schema):
    """An address of another system that gets events of the journal."""

    id = schema_parts.number()
    name = schema_parts.text()
    url = schema_parts.text()
    events = schema_parts.list_of(fields.String(), "event types; `*` at the end stands for all of a kind")
    filter = fields.Nested(FilterOut, required=True)
    state = schema_parts.text(enum=["active", "paused"])
    paused_at = schema_parts.maybe_at()
    paused_why = schema_parts.maybe("null when a person paused it, or it is active", enum=["gone", "failing", None])
    fault = schema_parts.maybe("what the receiver answered when it was paused")
    failing_since = schema_parts.maybe_at("the first failure after the last success")
    delivered_at = schema_parts.maybe_at("when an event was accepted last")
    waiting = schema_parts.number("events that are sent next, or again")
    dead = schema_parts.number("events that were refused or given up")
    old_secret_ends_at = schema_parts.maybe_at()
    created_at = schema_parts.at()
    created_by = schema_parts.text()
    secret = fields.String(metadata={"description": "signs events; shown once, when the subscription is made"})


class EventOut(Schema):
    """An event for a subscription, and its state."""

    id = schema_parts.number()
    webhook_id = schema_parts.text("the same on every try")
    type = schema_parts.text()
    seq = schema_parts.number("of its entry in the journal")
    incident = schema_parts.maybe("number")
    at = schema_parts.at("of the entry")
    state = schema_parts.text(enum=["pending", "sending", "sent", "refused", "given_up", "cancelled"])
    attempts = schema_parts.number()
    attempted_at = schema_parts.maybe_at("when the last try began")
    next_attempt_at = schema_parts.maybe_at()
    ended_at = schema_parts.maybe_at()
    answer = schema_parts.maybe("of the last try: the status and the beginning of the text, at most 500 characters")
