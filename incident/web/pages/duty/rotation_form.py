"""Rotations as rows of a form: from the document to the form and back."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from werkzeug.datastructures import MultiDict

from incident.core.duty.rota import Rota
from incident.core.duty.working_calendar import WEEKDAYS
from incident.core.values.faults import RuleError, raise_all
from incident.web.i18n import gettext as _
from incident.web.pages.forms import typed_day, typed_daytime

PLACES_LEAST = 4
PLACES_SPARE = 2
MAX_ROWS = 20
DAYS_USUAL = 7
HANDOVER_USUAL = "09:00"
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


def read_rotations(form: "MultiDict[str, str]", today: dt.date) -> list[dict[str, Any]]:
    """Return the rotations from a form, in the format of the API.

    Fields that are marked as optional may be empty: a rotation without a name gets one, without a first day it begins
    on `today`. A row without a name and without people is ignored.
    """
    return [_rotation(form, number, today) for number in _filled_rows(form)]


@contextmanager
def faults_at_rows(form: "MultiDict[str, str]") -> Iterator[None]:
    """Move the faults of rotations to the rows of the form that these came from: emptied rows count there."""
    try:
        yield
    except RuleError as fault:
        rows = _filled_rows(form)
        raise_all(_at_row(one, rows) for one in fault.all)


def _filled_rows(form: "MultiDict[str, str]") -> list[int]:
    """Return the numbers of the rows with a name or people."""

    def is_filled(number: int) -> bool:
        typed = (form.get(f"r{number}-name", ""), *form.getlist(f"r{number}-person"))
        return any(one.strip() for one in typed)

    return [number for number in range(MAX_ROWS) if is_filled(number)]


def _at_row(fault: RuleError, rows: Sequence[int]) -> RuleError:
    parts = fault.pointer.split("/")
    if parts[1:2] != ["rotations"] or len(parts) < 3 or not parts[2].isdigit():
        return fault
    place = "/".join(["", "rotations", str(rows[int(parts[2])]), *parts[3:]])
    return RuleError(fault.code, fault.arguments, pointer=place, kind=fault.kind)


def read_every(typed: str) -> int | str:
    """Return the length of a turn in days, a week when nothing was typed; anything else as it was typed."""
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else typed or DAYS_USUAL


def read_first_day(typed: str, usual: dt.date) -> str:
    """Return a typed day, or the usual one when nothing was typed."""
    return typed_day(typed) or usual.isoformat()


def _rotation(form: "MultiDict[str, str]", number: int, today: dt.date) -> dict[str, Any]:
    prefix = f"r{number}-"

    def typed(field: str) -> str:
        return form.get(prefix + field, "").strip()

    row: dict[str, Any] = {
        "name": typed("name") or _("Rotation %(number)s", number=number + 1),
        "people": [login for login in form.getlist(f"{prefix}person") if login.strip()],
        "starts_on": read_first_day(typed("starts_on"), today),
        "every": read_every(typed("every")),
        "days": [day for day in WEEKDAYS if day in form.getlist(f"{prefix}day")]
        if typed("days") == "chosen"
        else typed("days") or "all",
        "beside": typed("beside") == "1",
    }
    has_hours = bool(typed("from") or typed("until"))
    if typed("handover") or not has_hours:
        row["handover"] = typed_daytime(typed("handover")) or HANDOVER_USUAL
    if has_hours:
        row["hours"] = {"from": typed_daytime(typed("from")), "until": typed_daytime(typed("until"))}
    return row
