"""Schemas of members, and of people on duty."""

from marshmallow import Schema, fields

from incident.web.api.schemas import parts
from incident.web.api.schemas.office import ContactOut


class MemberOut(Schema):
    """The role of a person in a department."""

    person = parts.text("the login")
    name = parts.text()
    position = parts.text(enum=["head", "deputy", "member"])
    is_active = parts.truth("false when the person has left")


class MembersOut(Schema):
    """The members of a department."""

    members = parts.list_of(MemberOut, "in their order, which is that of deputies")


class OnDutyOut(Schema):
    """A person on duty."""

    login = parts.text()
    name = parts.text()
    position = parts.maybe("in this department; null for who is no member of it")
    contacts = fields.List(fields.Nested(ContactOut), metadata={"description": "for who may read contacts"})


class ReasonOut(Schema):
    """The reason why a person is on duty."""

    person = parts.text()
    how = parts.text(enum=["turn", "stand_in", "override"])
    rotation = fields.String()
    begins_at = fields.DateTime(metadata={"description": "when the turn or the shift began"})
    instead_of = fields.String()
    why = fields.String()


class DutyOut(Schema):
    """The people on duty at a moment."""

    at = parts.at()
    people = parts.list_of(OnDutyOut)
    because = parts.list_of(ReasonOut)
    rotation = parts.maybe("the one that decided")
    is_gap = parts.truth("nobody is on duty")
    has_rota = parts.truth()
    until = parts.maybe_at("when this ends; null when that is more than 92 days ahead")


GapOut = type("GapOut", (Schema,), {"from": parts.at(), "until": parts.at()})


class GapsOut(Schema):
    """A gap: nobody is on duty."""

    until = parts.at("as far as was looked")
    items = parts.list_of(GapOut)
    expected_years = parts.list_of(fields.Integer(), "years whose working days nobody has made known yet")
    absent = parts.list_of(fields.String(), "logins in the rota of people who have left")
