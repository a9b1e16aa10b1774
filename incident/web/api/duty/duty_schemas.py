"""Schemas of members, and of people on duty."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts
from incident.web.api.delivery.contact_schemas import ContactOut


class MemberOut(Schema):
    """The role of a person in a department."""

    person = schema_parts.text("the login")
    name = schema_parts.text()
    position = schema_parts.text(enum=["head", "deputy", "member"])
    is_active = schema_parts.truth("false when the person has left")


class MembersOut(Schema):
    """The members of a department."""

    members = schema_parts.list_of(MemberOut, "in their order, which is that of deputies")


class OnDutyOut(Schema):
    """A person on duty."""

    login = schema_parts.text()
    name = schema_parts.text()
    position = schema_parts.maybe("in this department; null for who is no member of it")
    contacts = fields.List(fields.Nested(ContactOut), metadata={"description": "for who may read contacts"})


class ReasonOut(Schema):
    """The reason why a person is on duty."""

    person = schema_parts.text()
    how = schema_parts.text(enum=["turn", "stand_in", "override"])
    rotation = fields.String()
    begins_at = fields.DateTime(metadata={"description": "when the turn or the shift began"})
    instead_of = fields.String()
    why = fields.String()


class DutyOut(Schema):
    """The people on duty at a moment."""

    at = schema_parts.at()
    people = schema_parts.list_of(OnDutyOut)
    because = schema_parts.list_of(ReasonOut)
    rotation = schema_parts.maybe("the one that decided")
    is_gap = schema_parts.truth("nobody is on duty")
    has_rota = schema_parts.truth()
    until = schema_parts.maybe_at("when this ends; null when that is more than 92 days ahead")


GapOut = type("GapOut", (Schema,), {"from": schema_parts.at(), "until": schema_parts.at()})


class GapsOut(Schema):
    """A gap: nobody is on duty."""

    until = schema_parts.at("as far as was looked")
    items = schema_parts.list_of(GapOut)
    expected_years = schema_parts.list_of(fields.Integer(), "years whose working days nobody has made known yet")
    absent = schema_parts.list_of(fields.String(), "logins in the rota of people who have left")
