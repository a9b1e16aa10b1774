"""Schemas of runs, tasks and notices."""

from marshmallow import Schema, fields

from incident.core.journal.access_log import OBJECT_KINDS
from incident.core.notifications.notice import STATES
from incident.web.api.schemas import parts


class DeliveryOut(Schema):
    """The delivery status of one message to one contact."""

    webhook_id = parts.text("the same on every try")
    type = parts.text()
    contact = parts.text()
    channel = parts.text()
    level = parts.number()
    round = parts.number()
    state = parts.text(enum=["pending", "sending", "sent", "refused", "given_up", "cancelled"])
    attempts = parts.number()
    fault = parts.maybe("what the receiver or the network said last")
    created_at = parts.at()
    ended_at = parts.maybe_at()


class NoticeOut(Schema):
    """A notice of one incident that one department must acknowledge."""

    id = parts.number()
    incident = parts.text()
    department = parts.text()
    state = parts.text(enum=list(STATES))
    level = parts.number("the level that was told last; 0 while quiet hours hold it")
    round = parts.number()
    opened_at = parts.at()
    next_at = parts.maybe_at("when the next level is told if nobody acknowledges")
    acknowledged_at = parts.maybe_at()
    acknowledged_by = parts.maybe()
    answered_at = parts.maybe_at("when it was accepted, declined, done or withdrawn last")
    answered_by = parts.maybe()
    reason = parts.maybe("why, as far as a reason was given")
    ended_at = parts.maybe_at()
    is_untold = parts.truth("the department has no contact that could be told")
    deliveries = parts.list_of(DeliveryOut)


class AnsweredOut(NoticeOut):
    """A notice after an answer."""

    has_counted = parts.truth("false when this had been said before; then nothing was changed")
    detail = parts.text("the same in words")


class ExpectedOut(Schema):
    """A variable that a task returns."""

    name = parts.text()
    type = parts.text()


class WhyOut(Schema):
    """The reason why people do an automated step."""

    code = parts.text()
    detail = parts.text()


class TaskOut(Schema):
    """A step that people do."""

    id = parts.number()
    incident = parts.text()
    run = parts.number()
    step = parts.text()
    visit = parts.number()
    title = parts.text()
    instructions = parts.text()
    command = parts.maybe("a command that nobody here carries out by machine")
    why = fields.Nested(WhyOut, required=True, allow_none=True, metadata={"description": "why no machine does it"})
    agent = parts.maybe("who the playbook says does it")
    department = parts.maybe()
    state = parts.text(enum=["open", "succeeded", "failed", "cancelled", "timed_out"])
    expects = parts.list_of(ExpectedOut)
    opened_at = parts.at()
    due_at = parts.maybe_at()
    ended_at = parts.maybe_at()
    ended_by = parts.maybe()
    note = parts.maybe()


class RunItem(Schema):
    """An execution of a playbook."""

    id = parts.number()
    name = parts.text()
    playbook = parts.text()
    state = parts.text(enum=["scheduled", "running", "waiting", "paused", "succeeded", "failed", "cancelled"])
    started_at = parts.at()
    ended_at = parts.maybe_at()


class StepOut(Schema):
    """The latest visit of a step."""

    key = parts.text()
    step = parts.text()
    visit = parts.number()
    state = parts.text()
    reason = parts.maybe()
    started_at = parts.at()
    ended_at = parts.maybe_at()
    due_at = parts.maybe_at()


class RunOut(RunItem):
    """An execution of a playbook with its steps and variables."""

    incident = parts.text()
    steps = parts.list_of(StepOut)
    variables = fields.Dict(required=True)
    reason = parts.maybe()


class AccessRecordOut(Schema):
    """The number of times a person read an object within an hour."""

    by = parts.text()
    kind = parts.text(enum=list(OBJECT_KINDS))
    identifier = parts.text("an incident's number, else an id")
    first_at = parts.at()
    last_at = parts.at()
    count = parts.number()


class StartRequestOut(Schema):
    """A request to start a playbook on an incident.

    It is pending until the playbook starts or somebody declines; it is scheduled while it waits for approval.
    """

    id = parts.number()
    incident = parts.text()
    playbook = parts.text("its CACAO id")
    name = parts.text("of the playbook")
    note = parts.maybe()
    state = parts.text(enum=["pending", "scheduled", "started", "declined", "refused"])
    asked_at = parts.at()
    asked_by = parts.text()
    ended_at = parts.maybe_at()
    ended_by = parts.maybe()
    reason = parts.maybe("why it was declined")
