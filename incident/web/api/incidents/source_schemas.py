"""Schemas of sources of alerts in requests and responses."""

from typing import Any, Final

from marshmallow import Schema, fields

from incident.core.incidents.signatures.scheme import (
    ALGORITHMS,
    ENCODINGS,
    KEY_ENCODINGS,
    READY_SCHEMES,
    SEPARATORS,
    UNITS,
)
from incident.core.incidents.source import SOURCE_NAME
from incident.web.api import schema_parts

_MAPPING: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "how the payload is read (docs/sources.md); null for a source that is code",
}
_SCHEME: Final[dict[str, Any]] = {
    "type": ["string", "object"],
    "description": f"{', '.join(READY_SCHEMES)}, or an object with the members of the response (docs/sources.md)",
    "example": "github",
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
    headers = fields.Dict(
        allow_none=True,
        metadata={"description": "of a signed request; its signature is verified by the source's secret"},
    )


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


class SignatureSchemeOut(Schema):
    """How a sender signs: an HMAC over a text that contains the body."""

    header = schema_parts.text("the header with the signature")
    algorithm = schema_parts.text(enum=list(ALGORITHMS))
    encoding = schema_parts.text(enum=list(ENCODINGS))
    prefix = schema_parts.text("before the signature, such as sha256=")
    separator = schema_parts.text(
        "between several parts of the header; empty: it is one signature", enum=list(SEPARATORS)
    )
    signed = schema_parts.text("the signed text: {body}, and {timestamp} and {id} where they are signed")
    timestamp_header = schema_parts.maybe("the header with the time of sending")
    timestamp_prefix = schema_parts.text("before the time, where its header has several parts")
    timestamp_unit = schema_parts.text(enum=list(UNITS))
    tolerance = schema_parts.number("seconds by which the time may differ")
    id_header = schema_parts.maybe("the header with the identifier of the message")
    key_encoding = schema_parts.text(enum=list(KEY_ENCODINGS))


class SignatureIn(Schema):
    """How the sender of a source signs; without a secret one is generated, later the present one stays."""

    scheme = fields.Raw(required=True, metadata=_SCHEME)
    is_token_needed = fields.Boolean(
        allow_none=True, metadata={"description": "whether a token is needed as well; absent or null: false"}
    )
    secret = fields.String(allow_none=True, metadata={"description": "given by the sender's side"})


class SignatureOut(Schema):
    """How requests of a source are signed, without the secret."""

    name = schema_parts.maybe("of a ready scheme", enum=[*READY_SCHEMES, None])
    scheme = fields.Nested(SignatureSchemeOut, required=True)
    is_token_needed = schema_parts.truth("whether a token is needed as well")
    old_secret_ends_at = schema_parts.maybe_at("until when the former secret is valid too")
    changed_at = schema_parts.at()


class PutSignatureOut(SignatureOut):
    """The same, with the secret that was generated: it is returned only once."""

    secret = schema_parts.maybe("null when it was given")


class SourceOut(SourceItem):
    """A source with its mapping."""

    mapping = fields.Raw(required=True, metadata=_MAPPING)
    tokens = schema_parts.list_of(SourceToken, "those of this source only that are valid")
    signature = fields.Nested(SignatureOut, required=True, allow_none=True)


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


class TriedSignature(Schema):
    """Whether the signature of a request is right; nothing was taken or remembered."""

    is_right = schema_parts.truth()
    code = schema_parts.maybe()
    detail = schema_parts.maybe("why it is refused")


class SourceTrialOut(Schema):
    """What a payload would become, in its order; nothing was stored."""

    items = schema_parts.list_of(TriedItem)
    signature = fields.Nested(TriedSignature, required=True, allow_none=True, metadata={"description": "with headers"})
