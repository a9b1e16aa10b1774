"""Schemas of objects that rules of core parse."""

from typing import Any, Final

from incident.core.deadlines.authorities import ROLE_LIMIT
from incident.core.incidents.category import CATEGORY_LIMIT
from incident.core.incidents.competence import MAX_VALUES
from incident.core.incidents.indicator import KINDS
from incident.core.values.affiliation import AREA_LIMIT

_TIME: Final = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
_VALUE: Final = {"type": "string", "minLength": 1}


def object_of(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Describe an object that has these members and no others."""
    return {"properties": properties, "required": required, "additionalProperties": False}


def _list_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": item, "minItems": 1, "maxItems": MAX_VALUES}


def _text(limit: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": limit}


SPAN: Final = object_of({"from": _TIME, "until": _TIME}, ["from", "until"])
"""A period of each day by local time."""

INDICATOR: Final = {
    "oneOf": [
        _VALUE,
        {"type": "object"}
        | object_of({"kind": {"type": "string", "enum": list(KINDS)}, "value": _VALUE}, ["kind", "value"]),
    ]
}
"""An indicator: a text whose kind is detected from its form, or its kind and value."""

COMPETENCE: Final = object_of(
    {
        "categories": _list_of(_text(CATEGORY_LIMIT)),
        "grades": _list_of({"type": "integer", "minimum": 1, "maximum": 4}),
        "regions": _list_of(_text(AREA_LIMIT)),
        "sectors": _list_of(_text(AREA_LIMIT)),
    },
    [],
)
"""The incidents that a department is responsible for."""

AUTHORITY: Final = object_of(
    {
        "roles": {"type": "array", "items": _text(ROLE_LIMIT), "minItems": 1, "maxItems": MAX_VALUES},
        "regions": _list_of(_text(AREA_LIMIT)),
        "sectors": _list_of(_text(AREA_LIMIT)),
    },
    ["roles"],
)
"""The roles as which a department receives reports."""
