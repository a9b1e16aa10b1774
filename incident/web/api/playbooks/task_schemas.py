"""The shapes of tasks."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts


class ExpectedOut(Schema):
    """A variable that a task returns."""

    name = schema_parts.text()
    type = schema_parts.text()


class WhyOut(Schema):
    """The reason why people do an automated step."""

    code = schema_parts.text()
    detail = schema_parts.text()


class TaskClockOut(Schema):
    """The statutory clock whose filing ends a task; without `id` it has not begun."""

    regime = schema_parts.text()
    stage = schema_parts.text()
    id = fields.Integer(required=True, allow_none=True)
    state = schema_parts.maybe()
    due_at = schema_parts.maybe_at()


class TaskOut(Schema):
    """A step that people do."""

    id = schema_parts.number()
    incident = schema_parts.text()
    run = schema_parts.number()
    step = schema_parts.text()
    visit = schema_parts.number()
    title = schema_parts.text()
    instructions = schema_parts.text()
    command = schema_parts.maybe("a command that nobody here carries out by machine")
    why = fields.Nested(WhyOut, required=True, allow_none=True, metadata={"description": "why no machine does it"})
    agent = schema_parts.maybe("who the playbook says does it")
    department = schema_parts.maybe()
    state = schema_parts.text(enum=["open", "succeeded", "failed", "cancelled", "timed_out"])
    clock = fields.Nested(
        TaskClockOut, required=True, allow_none=True, metadata={"description": "only its filing ends the task"}
    )
    expects = schema_parts.list_of(ExpectedOut)
    opened_at = schema_parts.at()
    due_at = schema_parts.maybe_at()
    limit_at = schema_parts.maybe_at()
    assignee = schema_parts.maybe("the login of who does it")
    ended_at = schema_parts.maybe_at()
    ended_by = schema_parts.maybe()
    note = schema_parts.maybe()
