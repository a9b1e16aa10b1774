"""Schemas of incidents and alerts."""

from marshmallow import Schema, fields

from incident.core.incidents.incident import STATUSES, TLP_LEVELS
from incident.web.api import schema_parts
from incident.web.api.notifications.notice_schemas import NoticeOut
from incident.web.api.playbooks.run_schemas import RunItem
from incident.web.api.playbooks.task_schemas import TaskOut
from incident.web.api.reports.report_schemas import ReportItem
from incident.web.api.systems.system_schemas import SystemOnIncident


class IndicatorOut(Schema):
    """An address, name, hash or account."""

    kind = schema_parts.text()
    value = schema_parts.text()


class OwnerOut(Schema):
    """A person on an incident."""

    login = schema_parts.text()
    name = schema_parts.text()


class IncidentItem(Schema):
    """An incident in a list."""

    number = schema_parts.text(example="INC-2026-000001")
    title = schema_parts.text()
    description = schema_parts.text()
    category = schema_parts.maybe()
    grade = schema_parts.maybe_number("1, most serious, to 4")
    sector = schema_parts.maybe("a critical sector such as energy, or a word of one's own")
    region = schema_parts.maybe("a code of GB/T 2260, or words")
    campaign = schema_parts.maybe("the special action that it belongs to")
    status = schema_parts.text(enum=list(STATUSES))
    tlp = schema_parts.text(enum=list(TLP_LEVELS))
    source = schema_parts.text()
    occurred_at = schema_parts.maybe_at()
    detected_at = schema_parts.maybe_at()
    opened_at = schema_parts.at()
    changed_at = schema_parts.at()
    handled_at = schema_parts.maybe_at("when handling ended, from which summaries to authorities are due")
    next_due_at = schema_parts.maybe_at("when the next of its deadlines of authorities that run ends")
    closed_at = schema_parts.maybe_at()
    resolution = schema_parts.maybe()
    earlier = schema_parts.maybe("the closed incident of the same alert")
    owner = fields.Nested(
        OwnerOut, required=True, allow_none=True, metadata={"description": "who leads the work; null for nobody"}
    )
    matched = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "the routing rule that matched; `grouped` says why further alerts were grouped here"},
    )
    is_unreached = schema_parts.truth("nobody was told yet")
    is_exercise = schema_parts.truth("it is a drill's, and has not happened")
    departments = schema_parts.list_of(fields.String(), "codes")


class TicketOut(Schema):
    """A ticket of another system to which an incident is linked."""

    id = schema_parts.number()
    system = schema_parts.text()
    key = schema_parts.text("of the ticket in that system")
    url = schema_parts.text()
    linked_at = schema_parts.at()
    linked_by = schema_parts.text()


class IncidentOut(IncidentItem):
    """An incident with all its related records."""

    runs = schema_parts.list_of(RunItem)
    tasks = schema_parts.list_of(TaskOut)
    notices = schema_parts.list_of(NoticeOut)
    reports = fields.List(fields.Nested(ReportItem), metadata={"description": "left out for who may not read reports"})
    indicators = schema_parts.list_of(IndicatorOut)
    tickets = schema_parts.list_of(TicketOut, "of other systems")
    liaison = fields.Nested(OwnerOut, required=True, allow_none=True)
    communication = fields.Nested(OwnerOut, required=True, allow_none=True)
    people = schema_parts.list_of(OwnerOut, "all who are named on it")
    systems = schema_parts.list_of(SystemOnIncident, "those that it is about; for a department those that it owns")


class IncidentReported(IncidentItem):
    """An incident and its linked reports."""

    reports = schema_parts.list_of(ReportItem)


class EntryOut(Schema):
    """An entry of the journal."""

    seq = schema_parts.number()
    at = schema_parts.at()
    actor = schema_parts.text()
    verb = schema_parts.text()
    incident = schema_parts.maybe()
    subject = schema_parts.text()
    detail = fields.Dict(required=True)
    hash = schema_parts.text()


class IncidentAlertOut(Schema):
    """An alert of an incident; one that came again is counted."""

    title = schema_parts.text()
    source = schema_parts.text()
    fingerprint = schema_parts.text()
    status = schema_parts.text(enum=["firing", "resolved"])
    count = schema_parts.number("how often it came")
    first_at = schema_parts.at()
    last_at = schema_parts.at()
    grouped = schema_parts.maybe("why it was grouped with others", enum=["rule", "storm", None])


class DecidedOut(Schema):
    """The decision for one alert."""

    decision = schema_parts.text(enum=["opened", "attached", "ignored"])
    incident = schema_parts.maybe()
    reason = schema_parts.text("in words")
    code = schema_parts.text("the reason for programs")
    maintenance_window = fields.Integer(metadata={"description": "the maintenance window that holds it"})


class AlertsOut(Schema):
    """The decisions for all alerts, in their order."""

    items = schema_parts.list_of(DecidedOut)


class VerificationOut(Schema):
    """The answer that verifies an address."""

    verification = schema_parts.text("the value of the header, unchanged")
