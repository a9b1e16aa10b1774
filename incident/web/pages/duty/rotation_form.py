"""Rotations as rows of a form: from the document to the form and back."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from incident.core.duty.rota import Rota
from incident.core.duty.working_calendar import WEEKDAYS

PLACES_LEAST = 4
PLACES_SPARE = 2
MAX_ROWS = 20
EMPTY: Mapping[str, Any] = {"name": "", "people": (), "days": "all", "every": 7, "hours": {}, "beside": False}


def rotation_rows(rota: Rota) -> list[Mapping[str, Any]]:
    """Return the rotations for a form, each with spare fields for people, followed by an empty rotation."""
    rows: list[Mapping[str, Any]] = [
        one.to_json() | {"every": one.every, "hours": one.hours.to_json() if one.hours else {}}
        for one in rota.rotations
    ]
    return [row | {"places": _places(row["people"])} for row in [*rows, EMPTY]]  # type: ignore[operator]


def _places(people: Any) -> list[str]:
    spare = max(PLACES_SPARE, PLACES_LEAST - len(people))
    return [*people, *[""] * spare]


def read_rotations(form: "MultiDict[str, str]") -> list[dict[str, Any]]:
    """Return the rotations from a form, in the format of the API; a row without a name is ignored."""
    rows = []
    for number in range(MAX_ROWS):
        prefix = f"r{number}-"
        name = form.get(f"{prefix}name", "").strip()
        if name:
            rows.append(_rotation(form, prefix, name))
    return rows


def _rotation(form: "MultiDict[str, str]", prefix: str, name: str) -> dict[str, Any]:
    def typed(field: str) -> str:
        return form.get(prefix + field, "").strip()

    every = typed("every")
    row: dict[str, Any] = {
        "name": name,
        "people": [login for login in form.getlist(f"{prefix}person") if login.strip()],
        "starts_on": typed("starts_on"),
        "every": int(every) if every.isascii() and every.isdigit() and len(every) < 6 else every,
        "days": [day for day in WEEKDAYS if day in form.getlist(f"{prefix}day")]
        if typed("days") == "chosen"
        else typed("days") or "all",
        "beside": typed("beside") == "1",
    }
    if typed("handover"):
        row["handover"] = typed("handover")
    if typed("from") or typed("until"):
        row["hours"] = {"from": typed("from"), "until": typed("until")}
    return row
