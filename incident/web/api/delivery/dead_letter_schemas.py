"""Schema of dead letters."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts


class ReachedOut(Schema):
    """The intended recipient and address."""

    id = schema_parts.number()
    name = schema_parts.text()
    address = schema_parts.maybe("of a robot only its host and last letters")


class DeadLetterOut(Schema):
    """A message that was refused or given up; after a retry its state is `pending`."""

    id = schema_parts.number()
    webhook_id = schema_parts.text("the same on every try")
    type = schema_parts.text()
    incident = schema_parts.maybe("number; null when it belongs to none")
    notice = schema_parts.number()
    department = schema_parts.text("whose contact it was to reach")
    contact = fields.Nested(ReachedOut, required=True)
    channel = schema_parts.text()
    is_switched_off = schema_parts.truth("the contact is, so that it cannot be sent again")
    level = schema_parts.number()
    round = schema_parts.number()
    state = schema_parts.text(enum=["refused", "given_up", "pending"])
    attempts = schema_parts.number()
    fault = schema_parts.maybe("what the receiver or the network said last")
    created_at = schema_parts.at()
    ended_at = schema_parts.maybe_at()
