"""Schemas of escalation policies and their preview."""

from marshmallow import Schema, fields

from incident.core.notifications.policy import RECIPIENT_KINDS, UNTILS
from incident.web.api.schemas import parts


class WaitOut(Schema):
    """The time limit of a level for some grades, or the hours in which it is notified."""

    grades = fields.List(fields.Integer())
    hours = fields.Raw(metadata={"description": "working, off, or an object with from and until"})
    wait = parts.text(example="PT5M")


class LevelOut(Schema):
    """A level of a policy."""

    wait = parts.text(example="PT15M")
    waits = fields.List(fields.Nested(WaitOut))
    tell = fields.List(fields.String(metadata={"enum": list(RECIPIENT_KINDS)}))
    channels = fields.List(fields.String())
    in_turn = fields.String(metadata={"example": "PT2M"})


QuietOut = type(
    "QuietOut",
    (Schema,),
    {
        "__doc__": "Hours in which incidents of low grades wake nobody.",
        "from": parts.text(example="22:00"),  # a word of Python, so that no class can name it
        "until": parts.text(example="07:00"),
        "grades": parts.list_of(fields.Integer()),
    },
)


class PolicyOut(Schema):
    """An escalation policy; values that are not set are absent."""

    levels = parts.list_of(LevelOut)
    repeat = parts.number()
    until = fields.String(metadata={"enum": list(UNTILS), "description": "absent: acknowledged"})
    reminder = fields.String(metadata={"example": "PT30M"})
    quiet = fields.Nested(QuietOut)


class NotifiedContactOut(Schema):
    """A contact that would be notified."""

    name = parts.text()
    channel = parts.text()
    after = parts.text("how long after the level is told, as in PT0S")


class ForeseenOut(Schema):
    """The events at a moment of the preview."""

    at = parts.at()
    level = parts.number()
    round = parts.number()
    tell = parts.list_of(fields.String(), "as the policy has it; empty: the contacts that stand at the level")
    people = parts.list_of(fields.String(), "the names of those who would be told")
    contacts = parts.list_of(NotifiedContactOut)
    is_gap = parts.truth("nobody can be told at this level then")
    is_held = parts.truth("quiet hours hold the level until next_at; nobody is told before")
    next_at = parts.at("when the next step comes; that after a level which is passed over comes at once")


class WarnedOut(Schema):
    """A problem to solve before it matters."""

    code = parts.text(enum=["nobody", "gap", "no_way", "late_turn", "year_unknown"])
    level = parts.maybe_number()
    at = parts.maybe_at("when it is so first")
    detail = parts.text("the same in words")


class PreviewOut(Schema):
    """The escalation if no one acknowledges."""

    items = parts.list_of(ForeseenOut)
    exhausted_at = parts.at("when every level of every round has been told in vain")
    warnings = parts.list_of(WarnedOut)


class RoutedOut(PreviewOut):
    """A department that would be notified, the reason, and the escalation if no one acknowledged."""

    code = parts.text()
    name = parts.text()
    why = parts.text(enum=["rule", "competent", "default"])


class TrialOut(Schema):
    """The values that an incident would receive from the routing rules."""

    rule = parts.maybe_number("of the rule that matched, from 0")
    is_default = parts.truth("the default departments would be told")
    matched = fields.Dict(required=True, allow_none=True, metadata={"description": "the rule that matched"})
    looked_at = fields.Dict(required=True, metadata={"description": "what the rules looked at"})
    category = parts.maybe()
    grade = parts.maybe_number("1, gravest, to 4")
    playbook = parts.maybe()
    departments = parts.list_of(RoutedOut)
    left_out = parts.list_of(fields.String(), "codes of departments that a rule names and that are not here")
