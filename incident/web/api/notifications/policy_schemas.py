"""Schemas of escalation policies and their preview."""

from marshmallow import Schema, fields

from incident.core.notifications.policy import RECIPIENT_KINDS, UNTILS
from incident.web.api import schema_parts


class WaitOut(Schema):
    """The time limit of a level for some grades, or the hours in which it is notified."""

    grades = fields.List(fields.Integer())
    hours = fields.Raw(metadata={"description": "working, off, or an object with from and until"})
    wait = schema_parts.text(example="PT5M")


class LevelOut(Schema):
    """A level of a policy."""

    wait = schema_parts.text(example="PT15M")
    waits = fields.List(fields.Nested(WaitOut))
    notify = fields.List(fields.String(metadata={"enum": list(RECIPIENT_KINDS)}))
    channels = fields.List(fields.String())
    in_turn = fields.String(metadata={"example": "PT2M"})


QuietOut = type(
    "QuietOut",
    (Schema,),
    {
        "__doc__": "Hours in which incidents of low grades wake nobody.",
        "from": schema_parts.text(example="22:00"),  # a word of Python, so that no class can name it
        "until": schema_parts.text(example="07:00"),
        "grades": schema_parts.list_of(fields.Integer()),
    },
)


class PolicyOut(Schema):
    """An escalation policy; values that are not set are absent."""

    levels = schema_parts.list_of(LevelOut)
    repeat = schema_parts.number()
    until = fields.String(metadata={"enum": list(UNTILS), "description": "absent: acknowledged"})
    reminder = fields.String(metadata={"example": "PT30M"})
    quiet = fields.Nested(QuietOut)


class NotifiedContactOut(Schema):
    """A contact that would be notified."""

    name = schema_parts.text()
    channel = schema_parts.text()
    after = schema_parts.text("how long after the level is told, as in PT0S")


class ForeseenOut(Schema):
    """The events at a moment of the preview."""

    at = schema_parts.at()
    level = schema_parts.number()
    round = schema_parts.number()
    notify = schema_parts.list_of(fields.String(), "as the policy has it; empty: the contacts that stand at the level")
    people = schema_parts.list_of(fields.String(), "the names of those who would be told")
    contacts = schema_parts.list_of(NotifiedContactOut)
    is_gap = schema_parts.truth("nobody can be told at this level then")
    is_held = schema_parts.truth("quiet hours hold the level until next_at; nobody is told before")
    next_at = schema_parts.at("when the next step comes; that after a level which is passed over comes at once")


class WarnedOut(Schema):
    """A problem to solve before it matters."""

    code = schema_parts.text(enum=["nobody", "gap", "no_way", "late_turn", "year_unknown"])
    level = schema_parts.maybe_number()
    at = schema_parts.maybe_at("when it is so first")
    detail = schema_parts.text("the same in words")


class PreviewOut(Schema):
    """The escalation if no one acknowledges."""

    items = schema_parts.list_of(ForeseenOut)
    exhausted_at = schema_parts.at("when every level of every round has been told in vain")
    warnings = schema_parts.list_of(WarnedOut)


class RoutedOut(PreviewOut):
    """A department that would be notified, the reason, and the escalation if no one acknowledged."""

    code = schema_parts.text()
    name = schema_parts.text()
    why = schema_parts.text(enum=["rule", "competent", "owner", "default"])


class TrialOut(Schema):
    """The values that an incident would receive from the routing rules."""

    rule = schema_parts.maybe_number("of the rule that matched, from 0")
    is_default = schema_parts.truth("the default departments would be told")
    matched = fields.Dict(required=True, allow_none=True, metadata={"description": "the rule that matched"})
    looked_at = fields.Dict(required=True, metadata={"description": "what the rules looked at"})
    category = schema_parts.maybe()
    grade = schema_parts.maybe_number("1, most serious, to 4")
    playbook = schema_parts.maybe()
    departments = schema_parts.list_of(RoutedOut)
    left_out = schema_parts.list_of(fields.String(), "codes of departments that a rule names and that are not here")
