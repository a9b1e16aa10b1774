"""Schemas of ledgers and certificates."""

from marshmallow import Schema, fields

from incident.core.notifications.subject import PURPOSES
from incident.web.api import schema_parts
from incident.web.api.notifications.notice_schemas import SubjectOut


class EntryRef(Schema):
    """The entry of the journal that records a fact."""

    seq = schema_parts.number()
    hash = schema_parts.text()


class FactOut(Schema):
    """One fact; unknown values are left out."""

    kind = schema_parts.text("such as queued, sent, provider_accepted, delivered, opened, acknowledged, declined, done")
    at = schema_parts.at()
    by = fields.String()
    via = fields.String()
    contact = fields.String()
    channel = fields.String()
    person = fields.String()
    level = fields.Integer()
    round = fields.Integer()
    message = fields.String(metadata={"description": "the webhook-id of the message"})
    attempt = fields.Integer()
    answer = fields.String(metadata={"description": "what the provider answered"})
    reason = fields.String()
    evidence = fields.Dict()
    entry = fields.Nested(EntryRef)


class LedgerDepartment(Schema):
    """A department by code and name."""

    code = schema_parts.text()
    name = schema_parts.text()


class LedgerNotice(Schema):
    """A notice with all its facts."""

    id = schema_parts.number()
    subject = fields.Nested(SubjectOut, required=True)
    purpose = schema_parts.text(enum=list(PURPOSES))
    department = fields.Nested(LedgerDepartment, required=True)
    state = schema_parts.text()
    opened_at = schema_parts.at()
    policy = fields.Dict(required=True)
    facts = schema_parts.list_of(FactOut)


class LedgerOut(Schema):
    """The ledger of an incident."""

    incident = schema_parts.text("number")
    is_whole = schema_parts.truth("false when only some notices are for who asks")
    notices = schema_parts.list_of(LedgerNotice)


class CertificateOut(Schema):
    """A certificate: its content, and the signature over its canonical form (RFC 8785)."""

    certificate = fields.Dict(required=True)
    signature = fields.Dict(required=True)


class CertificateKeyOut(Schema):
    """The public key of this instance's certificates."""

    algorithm = schema_parts.text()
    pem = schema_parts.text()
    key = schema_parts.text("the same on one line")
    fingerprint = schema_parts.text()
