"""Schemas of incidents, alerts and reports."""

from marshmallow import Schema, fields

from incident.core.incidents.incident import STATUSES, TLP_LEVELS
from incident.web.api.schemas import parts
from incident.web.api.schemas.work import NoticeOut, RunItem, TaskOut


class ReportItem(Schema):
    """A report from a member of the public."""

    id = parts.number()
    state = parts.text(enum=["received", "linked", "handled"])
    category = parts.maybe()
    text = parts.text()
    url = parts.maybe()
    occurred_at = parts.maybe_at()
    channel = parts.text(enum=["web", "phone", "email"])
    received_at = parts.at()


class ReportOut(ReportItem):
    """A report and the incidents it belongs to."""

    incidents = parts.list_of(fields.String(), "numbers")


class ReceiptOut(Schema):
    """The code with which a reporter returns; shown once."""

    receipt = parts.text(example="ABCDE-FGHIJ-KLMNO-PQRST")


class ReportProgress(Schema):
    """The progress of a report."""

    state = parts.text(enum=["received", "linked", "handled"])


class IndicatorOut(Schema):
    """An address, name, hash or account."""

    kind = parts.text()
    value = parts.text()


class IncidentItem(Schema):
    """An incident in a list."""

    number = parts.text(example="INC-2026-000001")
    title = parts.text()
    description = parts.text()
    category = parts.maybe()
    grade = parts.maybe_number("1, gravest, to 4")
    sector = parts.maybe("a critical sector such as energy, or a word of one's own")
    region = parts.maybe("a code of GB/T 2260, or words")
    campaign = parts.maybe("the special action that it belongs to")
    status = parts.text(enum=list(STATUSES))
    tlp = parts.text(enum=list(TLP_LEVELS))
    source = parts.text()
    occurred_at = parts.maybe_at()
    detected_at = parts.maybe_at()
    opened_at = parts.at()
    changed_at = parts.at()
    closed_at = parts.maybe_at()
    resolution = parts.maybe()
    earlier = parts.maybe("the closed incident of the same alert")
    matched = fields.Dict(required=True, allow_none=True, metadata={"description": "the routing rule that matched"})
    is_untold = parts.truth("nobody was told yet")
    is_exercise = parts.truth("it is a drill's, and has not happened")
    departments = parts.list_of(fields.String(), "codes")


class IncidentOut(IncidentItem):
    """An incident with all its related records."""

    runs = parts.list_of(RunItem)
    tasks = parts.list_of(TaskOut)
    notices = parts.list_of(NoticeOut)
    reports = fields.List(fields.Nested(ReportItem), metadata={"description": "left out for who may not read reports"})
    indicators = parts.list_of(IndicatorOut)


class IncidentReported(IncidentItem):
    """An incident and its linked reports."""

    reports = parts.list_of(ReportItem)


class EntryOut(Schema):
    """An entry of the journal."""

    seq = parts.number()
    at = parts.at()
    actor = parts.text()
    verb = parts.text()
    incident = parts.maybe()
    subject = parts.text()
    detail = fields.Dict(required=True)
    hash = parts.text()


class DecidedOut(Schema):
    """The decision for one alert."""

    decision = parts.text(enum=["opened", "attached", "ignored"])
    incident = parts.maybe()
    reason = parts.text("in words")
    code = parts.text("the reason for programs")


class AlertsOut(Schema):
    """The decisions for all alerts, in their order."""

    items = parts.list_of(DecidedOut)
