"""The shapes of runs."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts


class RunItem(Schema):
    """An execution of a playbook."""

    id = schema_parts.number()
    name = schema_parts.text()
    playbook = schema_parts.text()
    state = schema_parts.text(enum=["scheduled", "running", "waiting", "paused", "succeeded", "failed", "cancelled"])
    started_at = schema_parts.at()
    ended_at = schema_parts.maybe_at()


class StepOut(Schema):
    """The latest visit of a step."""

    key = schema_parts.text()
    step = schema_parts.text()
    visit = schema_parts.number()
    state = schema_parts.text()
    reason = schema_parts.maybe()
    started_at = schema_parts.at()
    ended_at = schema_parts.maybe_at()
    due_at = schema_parts.maybe_at()


class RunOut(RunItem):
    """An execution of a playbook with its steps and variables."""

    incident = schema_parts.text()
    steps = schema_parts.list_of(StepOut)
    variables = fields.Dict(required=True)
    reason = schema_parts.maybe()
