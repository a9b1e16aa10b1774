"""The shapes of people and tokens."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts


class TokenOut(Schema):
    """A token of a program."""

    id = schema_parts.number()
    name = schema_parts.text()
    role = schema_parts.text()
    department = schema_parts.maybe()
    source = schema_parts.maybe("the only source whose alerts it may send")
    created_at = schema_parts.at()
    revoked_at = schema_parts.maybe_at()
    token = fields.String(metadata={"description": "told once, when it is made"})


class PersonOut(Schema):
    """A person who signs in."""

    id = schema_parts.number()
    login = schema_parts.text()
    name = schema_parts.text()
    role = schema_parts.text()
    department = schema_parts.maybe()
    language = schema_parts.text()
    is_active = schema_parts.truth()
    created_at = schema_parts.at()
    signed_in_at = schema_parts.maybe_at("when they signed in last")
