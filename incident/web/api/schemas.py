"""The shapes of the API's answers, for its description; the answers themselves are written in `documents.py`."""

from typing import Any

from marshmallow import Schema, fields

from incident.core.incident import STATUSES, TLP_LEVELS


def _text(about: str = "", **more: Any) -> fields.String:
    nullable = bool(more.pop("allow_none", False))
    metadata = ({"description": about} if about else {}) | more
    return fields.String(required=True, allow_none=nullable, metadata=metadata)


def _maybe(about: str = "", **more: Any) -> fields.String:
    return _text(about, allow_none=True, **more)


def _at(about: str = "") -> fields.DateTime:
    return fields.DateTime(required=True, metadata={"description": about} if about else {})


def _maybe_at(about: str = "") -> fields.DateTime:
    return fields.DateTime(required=True, allow_none=True, metadata={"description": about} if about else {})


def _number(about: str = "", **more: Any) -> fields.Integer:
    return fields.Integer(required=True, metadata=({"description": about} if about else {}) | more)


def _maybe_number(about: str = "") -> fields.Integer:
    return fields.Integer(required=True, allow_none=True, metadata={"description": about} if about else {})


def _truth(about: str = "") -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": about} if about else {})


def _list(of: Any, about: str = "") -> fields.List[Any]:
    item = fields.Nested(of) if isinstance(of, type) and issubclass(of, Schema) else of
    return fields.List(item, required=True, metadata={"description": about} if about else {})


class FaultPlace(Schema):
    """One place and what is wrong there."""

    pointer = fields.String(metadata={"description": "JSON pointer (RFC 6901) into the body"})
    field = fields.String(metadata={"description": "the same place as a name"})
    parameter = fields.String(metadata={"description": "a parameter of the address"})
    code = fields.String(required=True)
    detail = fields.String(required=True)
    severity = fields.String(metadata={"enum": ["error", "warning"]})
    clause = fields.String(metadata={"description": "of the standard"})
    run = fields.Integer(metadata={"description": "the id of a run that is still live"})
    task = fields.Integer(metadata={"description": "the id of a task that is still open"})
    name = fields.String(metadata={"description": "of the run"})
    title = fields.String(metadata={"description": "of the task"})


class Problem(Schema):
    """Problem details (RFC 9457)."""

    type = _text()
    title = _text("the phrase of the status")
    status = _number()
    detail = _text("what is wrong and what to do, in the language of Accept-Language")
    instance = _text("the path of the request")
    code = _text("names the fault for programs")
    errors = fields.List(fields.Nested(FaultPlace), metadata={"description": "each place"})


class DeliveryOut(Schema):
    """What became of one message to one contact."""

    webhook_id = _text("the same on every try")
    type = _text()
    contact = _text()
    channel = _text()
    level = _number()
    round = _number()
    state = _text(enum=["pending", "sending", "sent", "refused", "given_up", "cancelled"])
    attempts = _number()
    fault = _maybe("what the receiver or the network said last")
    created_at = _at()
    ended_at = _maybe_at()


class NoticeOut(Schema):
    """What one department is told of one incident and must acknowledge."""

    id = _number()
    incident = _text()
    department = _text()
    state = _text(enum=["open", "acknowledged", "exhausted", "withdrawn"])
    level = _number("the level that was told last")
    round = _number()
    opened_at = _at()
    next_at = _maybe_at("when the next level is told if nobody acknowledges")
    acknowledged_at = _maybe_at()
    acknowledged_by = _maybe()
    ended_at = _maybe_at()
    is_untold = _truth("the department has no contact that could be told")
    deliveries = _list(DeliveryOut)


class AcknowledgedOut(NoticeOut):
    """A notice after an acknowledgement."""

    has_counted = _truth("false when it had been acknowledged before; then nothing was changed")
    detail = _text("the same in words")


class ExpectedOut(Schema):
    """A variable that a task returns."""

    name = _text()
    type = _text()


class WhyOut(Schema):
    """Why people do what a machine was to do."""

    code = _text()
    detail = _text()


class TaskOut(Schema):
    """A step that people do."""

    id = _number()
    incident = _text()
    run = _number()
    step = _text()
    visit = _number()
    title = _text()
    instructions = _text()
    command = _maybe("a command that nobody here carries out by machine")
    why = fields.Nested(WhyOut, required=True, allow_none=True, metadata={"description": "why no machine does it"})
    agent = _maybe("who the playbook says does it")
    department = _maybe()
    state = _text(enum=["open", "succeeded", "failed", "cancelled", "timed_out"])
    expects = _list(ExpectedOut)
    opened_at = _at()
    due_at = _maybe_at()
    ended_at = _maybe_at()
    ended_by = _maybe()
    note = _maybe()


class RunItem(Schema):
    """An execution of a playbook."""

    id = _number()
    name = _text()
    playbook = _text()
    state = _text(enum=["scheduled", "running", "waiting", "paused", "succeeded", "failed", "cancelled"])
    started_at = _at()
    ended_at = _maybe_at()


class StepOut(Schema):
    """The latest visit of a step."""

    key = _text()
    step = _text()
    visit = _number()
    state = _text()
    reason = _maybe()
    started_at = _at()
    ended_at = _maybe_at()
    due_at = _maybe_at()


class RunOut(RunItem):
    """An execution of a playbook with its steps and variables."""

    incident = _text()
    steps = _list(StepOut)
    variables = fields.Dict(required=True)
    reason = _maybe()


class ReportItem(Schema):
    """What a member of the public told."""

    id = _number()
    state = _text(enum=["received", "linked", "handled"])
    category = _maybe()
    text = _text()
    url = _maybe()
    occurred_at = _maybe_at()
    channel = _text(enum=["web", "phone", "email"])
    received_at = _at()


class ReportOut(ReportItem):
    """A report and the incidents it belongs to."""

    incidents = _list(fields.String(), "numbers")


class IndicatorOut(Schema):
    """An address, name, hash or account."""

    kind = _text()
    value = _text()


class IncidentItem(Schema):
    """An incident in a list."""

    number = _text(example="INC-2026-000001")
    title = _text()
    description = _text()
    category = _maybe()
    grade = _maybe_number("1, gravest, to 4")
    status = _text(enum=list(STATUSES))
    tlp = _text(enum=list(TLP_LEVELS))
    source = _text()
    occurred_at = _maybe_at()
    detected_at = _maybe_at()
    opened_at = _at()
    changed_at = _at()
    closed_at = _maybe_at()
    resolution = _maybe()
    earlier = _maybe("the closed incident of the same alert")
    matched = fields.Dict(required=True, allow_none=True, metadata={"description": "the routing rule that matched"})
    is_untold = _truth("nobody was told yet")
    departments = _list(fields.String(), "codes")


class IncidentOut(IncidentItem):
    """An incident with all that hangs on it."""

    runs = _list(RunItem)
    tasks = _list(TaskOut)
    notices = _list(NoticeOut)
    reports = fields.List(fields.Nested(ReportItem), metadata={"description": "left out for who may not read reports"})
    indicators = _list(IndicatorOut)


class EntryOut(Schema):
    """An entry of the journal."""

    seq = _number()
    at = _at()
    actor = _text()
    verb = _text()
    incident = _maybe()
    subject = _text()
    detail = fields.Dict(required=True)
    hash = _text()


class LevelOut(Schema):
    """A level of a policy."""

    wait = _text(example="PT15M")


class PolicyOut(Schema):
    """An escalation policy."""

    levels = _list(LevelOut)
    repeat = _number()


class ContactOut(Schema):
    """One way to reach a department."""

    id = _number()
    name = _text()
    channel = _text()
    address = _maybe()
    level = _number()
    language = _text()
    created_at = _at()
    switched_off_at = _maybe_at()
    switched_off_why = _maybe()
    secret = fields.String(metadata={"description": "signs webhooks; told once, when the contact is made"})


class DepartmentItem(Schema):
    """A department in a list."""

    code = _text()
    name = _text()
    parent = _maybe()
    created_at = _at()


class DepartmentOut(DepartmentItem):
    """A department; policy and contacts only for who may read them."""

    policy = fields.Nested(PolicyOut)
    contacts = fields.List(fields.Nested(ContactOut))


class RulesOut(Schema):
    """The routing rules."""

    rules = _list(fields.Dict())
    default = fields.Dict(required=True)


class PlaybookItem(Schema):
    """A version of a playbook."""

    id = _text()
    name = _text()
    modified = _at()
    hash = _text("SHA-256 of the canonical JSON")
    tlp = _maybe("the strictest mark, such as TLP:AMBER; TLP:RED is seen by coordinators and administrators alone")
    added_at = _at()


class PlaybookAdded(PlaybookItem):
    """A playbook that was added."""

    warnings = _list(FaultPlace, "what was noticed but does not refuse it")


class DecidedOut(Schema):
    """What was decided for one alert."""

    decision = _text(enum=["opened", "attached", "ignored"])
    incident = _maybe()
    reason = _text("in words")
    code = _text("the reason for programs")


class AlertsOut(Schema):
    """What was decided for each alert, in their order."""

    items = _list(DecidedOut)


class ReceiptOut(Schema):
    """The code with which a reporter comes back; told once."""

    receipt = _text(example="ABCDE-FGHIJ-KLMNO-PQRST")


class ReportState(Schema):
    """How far a report has come."""

    state = _text(enum=["received", "linked", "handled"])


class TokenOut(Schema):
    """A token of a program."""

    id = _number()
    name = _text()
    role = _text()
    department = _maybe()
    created_at = _at()
    revoked_at = _maybe_at()
    token = fields.String(metadata={"description": "told once, when it is made"})


class PersonOut(Schema):
    """Somebody who signs in."""

    id = _number()
    login = _text()
    name = _text()
    role = _text()
    department = _maybe()
    language = _text()
    is_active = _truth()
    created_at = _at()


def page_of(item: type[Schema]) -> type[Schema]:
    """Return the shape of a page of a list."""
    members = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True, metadata={"description": "cursor of the next page"}),
    }
    return type(f"{item.__name__}Page", (Schema,), members)
