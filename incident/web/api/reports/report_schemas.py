"""Schemas of reports."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts


class ReportItem(Schema):
    """A report from a member of the public."""

    id = schema_parts.number()
    state = schema_parts.text(enum=["received", "linked", "handled"])
    category = schema_parts.maybe()
    text = schema_parts.text()
    url = schema_parts.maybe()
    occurred_at = schema_parts.maybe_at()
    channel = schema_parts.text(enum=["web", "phone", "email"])
    received_at = schema_parts.at()


class ReportOut(ReportItem):
    """A report and the incidents it belongs to."""

    incidents = schema_parts.list_of(fields.String(), "numbers")


class ReceiptOut(Schema):
    """The code with which a reporter returns; shown once."""

    receipt = schema_parts.text(example="ABCDE-FGHIJ-KLMNO-PQRST")


class ReportProgress(Schema):
    """The progress of a report."""

    state = schema_parts.text(enum=["received", "linked", "handled"])
