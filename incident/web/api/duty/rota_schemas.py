"""Schemas of duty rotas in requests and responses; those with a `from` field are built, not declared."""

from typing import Any

from marshmallow import Schema, fields

from incident.core.duty.rota import (
    KINDS,
    LOGIN_LIMIT,
    MAX_DAYS,
    MAX_LEAVE,
    MAX_OVERRIDES,
    MAX_PEOPLE,
    MAX_ROTATIONS,
    NAME_LIMIT,
    WHY_LIMIT,
)
from incident.core.duty.working_calendar import WEEKDAYS
from incident.web.api import schema_parts

_TIME = {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "example": "08:30"}
_LOGIN = {"minLength": 1, "maxLength": LOGIN_LIMIT, "description": "the login"}


def _shape(name: str, about: str, members: dict[str, Any]) -> type[Schema]:
    return type(name, (Schema,), {"__doc__": about, **members})


def _span() -> dict[str, Any]:
    return {"from": schema_parts.at(), "until": schema_parts.at()}


def _login(about: str = "the login", *, is_needed: bool = True) -> fields.String:
    return fields.String(required=is_needed, metadata=_LOGIN | {"description": about})


HoursOut = _shape(
    "HoursOut",
    "A part of each day by the wall clock; one that ends before it starts goes over midnight.",
    {"from": fields.String(required=True, metadata=_TIME), "until": fields.String(required=True, metadata=_TIME)},
)

_DAYS: dict[str, Any] = {
    "oneOf": [
        {"type": "string", "enum": list(KINDS)},
        {"type": "array", "items": {"type": "string", "enum": list(WEEKDAYS)}, "minItems": 1, "maxItems": 7},
    ],
    "description": "the kinds of days, or the days of the week, on which shifts begin",
}


class RotationIn(Schema):
    """People who take turns; `handover` may be left out where `hours` are given."""

    name = fields.String(required=True, metadata={"minLength": 1, "maxLength": NAME_LIMIT})
    people = fields.List(_login(), required=True, metadata={"minItems": 1, "maxItems": MAX_PEOPLE})
    starts_on = fields.Date(required=True, metadata={"description": "the first day of the first turn"})
    every = fields.Raw(
        required=True,
        metadata={
            "oneOf": [{"type": "string", "example": "P7D"}, {"type": "integer", "minimum": 1, "maximum": MAX_DAYS}],
            "description": "how long a turn lasts: whole days, as ISO 8601 or as a number",
        },
    )
    handover = fields.String(metadata=_TIME | {"description": "when turns begin, by the department's wall clock"})
    hours = fields.Nested(HoursOut, allow_none=True)
    days = fields.Raw(metadata=_DAYS)
    beside = fields.Boolean(metadata={"description": "its person has the duty beside those of the other rotations"})


class RotationOut(Schema):
    """People who take turns."""

    name = schema_parts.text()
    people = schema_parts.list_of(fields.String(), "logins in their order")
    starts_on = fields.Date(required=True)
    every = schema_parts.text("how long a turn lasts", example="P7D")
    handover = schema_parts.text("when turns begin, by the department's wall clock", example="08:30")
    hours = fields.Nested(HoursOut)
    days = fields.Raw(required=True, metadata=_DAYS)
    beside = schema_parts.truth("its person has the duty beside those of the other rotations")


_OVERRIDE: dict[str, Any] = {
    **_span(),
    "person": _login("the login of who takes over"),
    "instead_of": _login("the login of who is replaced; absent: whoever it is", is_needed=False),
    "why": fields.String(metadata={"minLength": 1, "maxLength": WHY_LIMIT}),
}
DutyOverrideOut = _shape("DutyOverrideOut", "Somebody has the duty in place of another.", _OVERRIDE)
LeaveOut = _shape("LeaveOut", "Somebody is away.", {"person": _login(), **_span()})


class RotaIn(Schema):
    """The duty rota that replaces the one in force; without `overrides` and `leave` it has none."""

    rotations = fields.List(fields.Nested(RotationIn), required=True, metadata={"maxItems": MAX_ROTATIONS})
    overrides = fields.List(fields.Nested(DutyOverrideOut), metadata={"maxItems": MAX_OVERRIDES})
    leave = fields.List(fields.Nested(LeaveOut), metadata={"maxItems": MAX_LEAVE})


class RotaOut(Schema):
    """The duty rota of a department."""

    rotations = schema_parts.list_of(
        RotationOut, "the first that covers a moment decides, later ones fill what is open"
    )
    overrides = schema_parts.list_of(DutyOverrideOut, "the later over the earlier")
    leave = schema_parts.list_of(LeaveOut)


class ImportOut(Schema):
    """The additions from an iCalendar file."""

    overrides = schema_parts.list_of(DutyOverrideOut)
