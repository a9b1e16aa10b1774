"""The shapes of notices and their deliveries."""

from marshmallow import Schema, fields

from incident.core.notifications.notice import STATES
from incident.core.notifications.subject import PURPOSES, SUBJECT_TYPES
from incident.web.api import schema_parts


class DeliveryOut(Schema):
    """The delivery status of one message to one contact."""

    webhook_id = schema_parts.text("the same on every try")
    type = schema_parts.text()
    contact = schema_parts.text()
    channel = schema_parts.text()
    level = schema_parts.number()
    round = schema_parts.number()
    state = schema_parts.text(enum=["pending", "sending", "sent", "refused", "given_up", "cancelled"])
    attempts = schema_parts.number()
    fault = schema_parts.maybe("what the receiver or the network said last")
    created_at = schema_parts.at()
    ended_at = schema_parts.maybe_at()


class SubjectOut(Schema):
    """What a notice is about: an object by its type and id."""

    type = schema_parts.text(enum=list(SUBJECT_TYPES))
    id = schema_parts.number()


class NoticeOut(Schema):
    """A notice about one subject that one department must acknowledge."""

    id = schema_parts.number()
    subject = fields.Nested(SubjectOut, required=True)
    purpose = schema_parts.text(
        "handle an incident, file a report, take note of one, review a decision, or read urgent reports",
        enum=list(PURPOSES),
    )
    incident = schema_parts.maybe("number of the incident that the subject belongs to")
    department = schema_parts.text()
    state = schema_parts.text(enum=list(STATES))
    level = schema_parts.number("the level that was told last; 0 while quiet hours hold it")
    round = schema_parts.number()
    opened_at = schema_parts.at()
    next_at = schema_parts.maybe_at("when the next level is told if nobody acknowledges")
    acknowledged_at = schema_parts.maybe_at()
    acknowledged_by = schema_parts.maybe()
    answered_at = schema_parts.maybe_at("when it was accepted, declined, done or withdrawn last")
    answered_by = schema_parts.maybe()
    reason = schema_parts.maybe("why, as far as a reason was given")
    ended_at = schema_parts.maybe_at()
    is_unreached = schema_parts.truth("the department has no contact that could be told")
    deliveries = schema_parts.list_of(DeliveryOut)


class AnsweredOut(NoticeOut):
    """A notice after an answer."""

    has_counted = schema_parts.truth("false when this had been said before; then nothing was changed")
    detail = schema_parts.text("the same in words")
