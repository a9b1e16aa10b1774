"""The shapes of contacts."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts


class ContactOut(Schema):
    """One contact of a department."""

    id = schema_parts.number()
    name = schema_parts.text()
    channel = schema_parts.text()
    address = schema_parts.maybe()
    level = schema_parts.number()
    person = schema_parts.maybe("the login of whom it reaches; null for a desk")
    language = schema_parts.text()
    created_at = schema_parts.at()
    switched_off_at = schema_parts.maybe_at()
    switched_off_why = schema_parts.maybe()
    old_secret_ends_at = schema_parts.maybe_at()
    limit_per_minute = schema_parts.maybe_number("null stands for the usual limit of its channel")
    check_every = schema_parts.maybe("how often it is checked whether it can be reached, such as P1D; null for never")
    checked_at = schema_parts.maybe_at("when it was tested or checked last")
    check_outcome = schema_parts.maybe("accepted, failed, refused or gone")
    check_detail = schema_parts.maybe("what was answered")
    confirmed_at = schema_parts.maybe_at("when somebody said last that a test had reached them")
    confirm_within = schema_parts.maybe(
        "how soon a person is to say that a check has reached them; null for not at all"
    )
    confirm_due_at = schema_parts.maybe_at("when the oldest check that nobody has confirmed is due")
    secret = fields.String(metadata={"description": "signs webhooks; told once, when the contact is made"})


class SecretOut(Schema):
    """A new secret; messages are signed with the old one as well until that expires."""

    secret = schema_parts.text()
    old_secret_ends_at = schema_parts.at()


class TestedOut(Schema):
    """The result of a test message."""

    outcome = fields.String(required=True, metadata={"enum": ["accepted", "failed", "refused", "gone"]})
    is_sent = fields.Boolean(
        required=True,
        metadata={"description": "whether its channel was tried; not in a demonstration, and not for an inbox"},
    )
    answer = schema_parts.text()
