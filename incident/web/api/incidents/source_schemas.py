"""Schemas of sources of alerts in requests and responses."""

from typing import Any, Final

from marshmallow import Schema, fields

from incident.core.incidents.source import SOURCE_NAME
from incident.web.api import schema_parts

_MAPPING: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "how the payload is read (docs/sources.md); null for a source that is code",
}


class SourceIn(Schema):
    """A source of one's own: how the payload of its sender becomes alerts."""

    mapping = fields.Dict(required=True, metadata={"description": "how the payload is read (docs/sources.md)"})
    is_active = fields.Boolean(metadata={"description": "whether its alerts are taken; absent: true"})


class SourceTrialIn(Schema):
    """A payload, and how it is read: by a mapping, or as a source of this name does."""

    mapping = fields.Dict(allow_none=True, metadata={"description": "a mapping that need not be stored"})
    source = fields.String(allow_none=True, metadata={"pattern": f"^{SOURCE_NAME}$", "example": "guardduty"})
    payload = fields.Raw(required=True, metadata={"description": "what the sender sends: JSON, or a text of JSON"})


class SourceItem(Schema):
    """A source in the list."""

    name = schema_parts.text("as in the address of its alerts")
    product = schema_parts.maybe("whose alerts a source of the program takes")
    is_own = schema_parts.truth("whether people described it; the others come with the program")
    is_active = schema_parts.truth("whether its alerts are taken")
    version = schema_parts.maybe_number("of an own source")
    created_at = schema_parts.maybe_at()
    changed_at = schema_parts.maybe_at()


class SourceToken(Schema):
    """A token of one source, without its secret."""

    id = schema_parts.number()
    name = schema_parts.text()
    created_at = schema_parts.at()


class SourceOut(SourceItem):
    """A source with its mapping."""

    mapping = fields.Raw(required=True, metadata=_MAPPING)
    tokens = schema_parts.list_of(SourceToken, "those of this source only that are valid")


class SourceVersionOut(Schema):
    """A source as it was from one change to the next."""

    version = schema_parts.number()
    mapping = fields.Raw(required=True, metadata=_MAPPING)
    is_active = schema_parts.truth()
    put_at = schema_parts.at()
    put_by = schema_parts.text()


class TriedAlert(Schema):
    """An alert as it would be received."""

    fingerprint = schema_parts.text("what makes a repeat the same alert")
    title = schema_parts.text()
    status = schema_parts.text(enum=["firing", "resolved"])
    grade = schema_parts.maybe_number("null: the routing rules decide")
    category = schema_parts.maybe()
    labels = fields.Dict(required=True, metadata={"additionalProperties": {"type": "string"}})
    occurred_at = schema_parts.maybe_at()
    ended_at = schema_parts.maybe_at()
    indicators = fields.List(fields.Dict(), required=True)
    description = schema_parts.text()
    source = schema_parts.text("the source inside, where one message wraps another")


class TriedItem(Schema):
    """One part of a payload: an alert, or why it would be none."""

    result = schema_parts.text(enum=["alert", "ignored", "unreadable"])
    alert = fields.Nested(TriedAlert, required=True, allow_none=True)
    reason = schema_parts.maybe("why it is ignored")
    faults = schema_parts.list_of(schema_parts.FaultPlace, "why it cannot be read, each with its place in this part")


class SourceTrialOut(Schema):
    """What a payload would become, in its order; nothing was stored."""

    items = schema_parts.list_of(TriedItem)
