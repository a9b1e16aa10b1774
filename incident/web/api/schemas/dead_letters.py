"""Schema of dead letters."""

from marshmallow import Schema, fields

from incident.web.api.schemas import parts


class ReachedOut(Schema):
    """The intended recipient and address."""

    id = parts.number()
    name = parts.text()
    address = parts.maybe("of a robot only its host and last letters")


class DeadLetterOut(Schema):
    """A message that was refused or given up; after a retry its state is `pending`."""

    id = parts.number()
    webhook_id = parts.text("the same on every try")
    type = parts.text()
    incident = parts.text()
    notice = parts.number()
    department = parts.text("whose contact it was to reach")
    contact = fields.Nested(ReachedOut, required=True)
    channel = parts.text()
    is_switched_off = parts.truth("the contact is, so that it cannot be sent again")
    level = parts.number()
    round = parts.number()
    state = parts.text(enum=["refused", "given_up", "pending"])
    attempts = parts.number()
    fault = parts.maybe("what the receiver or the network said last")
    created_at = parts.at()
    ended_at = parts.maybe_at()
