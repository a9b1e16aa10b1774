"""The shapes of the access log."""

from marshmallow import Schema

from incident.core.journal.access_log import OBJECT_KINDS
from incident.web.api import schema_parts


class AccessRecordOut(Schema):
    """The number of times a person read an object within an hour."""

    by = schema_parts.text()
    kind = schema_parts.text(enum=list(OBJECT_KINDS))
    identifier = schema_parts.text("an incident's number, else an id")
    first_at = schema_parts.at()
    last_at = schema_parts.at()
    count = schema_parts.number()
