"""The shapes of shift handovers."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts


class HandoverListsOut(Schema):
    """What was open when the shift was handed over, without what the caller may not see now."""

    incidents = schema_parts.list_of(fields.Dict(), "open incidents of the department, and those that the giver owns")
    promised = schema_parts.list_of(fields.Dict(), "notices that the department acknowledged or accepted")
    tasks = schema_parts.list_of(fields.Dict(), "open tasks of the department, those due first on top")
    waiting = schema_parts.list_of(fields.Dict(), "notices of the department without an answer")
    reports = fields.Integer(
        allow_none=True, metadata={"description": "reports to examine, up to 99; null for who may not read reports"}
    )


class HandoverOut(Schema):
    """A handover of a department's shift from one person to another, who confirms it."""

    id = schema_parts.number()
    department = schema_parts.text("code")
    giver = schema_parts.text("login of the person who hands over")
    to = schema_parts.text("login of the person who takes over")
    note = schema_parts.maybe("what they must know")
    handed_at = schema_parts.at()
    confirmed_at = schema_parts.maybe_at("null until the person who takes over has confirmed")
    lists = fields.Nested(HandoverListsOut)
