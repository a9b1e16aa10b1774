"""Typed values from the browser's forms; an unreadable value becomes a fault at its field."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import request

from incident.core.incidents.grade import require_grade
from incident.core.incidents.incident import require_tlp
from incident.core.incidents.indicator import Indicator, with_nested
from incident.core.incidents.pasted_indicators import read_line
from incident.core.values.affiliation import require_area
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.local_time import moment_of, parse_wall
from incident.core.values.moment import require_moment
from incident.core.values.text import require_login, require_name, require_text
from incident.web.instance import now
from incident.web.pages.template_filters import zone

T = TypeVar("T")

WORD_LIMIT = 200
TEXT_LIMIT = 20_000
MOMENT_EXAMPLE = "2026-11-29 08:30"


def is_whole_number(typed: str, digits: int = 9) -> bool:
    """Return whether a text is a number of at most so many digits, without others such as ²."""
    return typed.isascii() and typed.isdigit() and len(typed) <= digits


class Form:
    """Reads the fields of a form one after the other and collects the faults; `finish` raises them.

    Args:
        values: the fields; by default those of the request.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values: Mapping[str, str] = request.form if values is None else values
        self.faults: list[RuleError] = []

    def finish(self) -> None:
        """Raise RuleError with all faults when a field was wrong."""
        raise_all(self.faults)

    def raw(self, name: str) -> str:
        """Return a field without surrounding blanks."""
        return self.values.get(name, "").strip()

    def text(self, name: str, limit: int = WORD_LIMIT) -> str | None:
        """Return a field, None when it is empty."""
        typed = self.raw(name).replace("\r\n", "\n")
        return self.checked(name, lambda: require_text(typed, limit, f"/{name}")) if typed else None

    def needed(self, name: str, limit: int = WORD_LIMIT) -> str:
        """Return a field that must not be empty."""
        found = self.text(name, limit)
        if found is None and not self.has_fault(name):
            self.faults.append(RuleError("document.missing", pointer=f"/{name}"))
        return found or ""

    def named(self, name: str, limit: int = WORD_LIMIT) -> str:
        """Return a field that must not be empty and is the name of a person or thing."""
        found = self.needed(name, limit)
        return self.checked(name, lambda: require_name(found, limit, f"/{name}")) or ""

    def login(self, name: str = "login", limit: int = WORD_LIMIT) -> str:
        """Return a field that is a sign-in name, with its surrounding blanks: these are refused later."""
        if not self.needed(name, limit) or self.has_fault(name):
            return ""
        return self.checked(name, lambda: require_login(self.values[name], f"/{name}")) or ""

    def number(self, name: str, usual: int | None = None) -> int | None:
        """Return a field as a whole number, or `usual` when it is empty."""
        typed = self.raw(name)
        if not typed:
            return usual
        if is_whole_number(typed.removeprefix("-")):
            return int(typed)
        self.faults.append(RuleError("document.not_a_number", pointer=f"/{name}"))
        return usual

    def numbers(self, name: str) -> list[int]:
        """Return a field of numbers separated by commas or blanks, or sent several times."""
        typed = " ".join(request.form.getlist(name)).replace(",", " ").replace("#", " ").split()
        good = [int(one) for one in typed if is_whole_number(one)]
        if len(good) < len(typed):
            self.faults.append(RuleError("document.not_a_number", pointer=f"/{name}"))
        return good

    def grade(self, name: str = "grade") -> int | None:
        """Return a grade, None when none was selected."""
        number = self.number(name)
        return None if number is None else self.checked(name, lambda: require_grade(number, f"/{name}"))

    def area(self, name: str) -> str | None:
        """Return a sector, a region or a campaign, None when it is empty."""
        typed = self.raw(name)
        return self.checked(name, lambda: require_area(typed, f"/{name}")) if typed else None

    def tlp(self, name: str = "tlp") -> str:
        """Return a sharing level, amber when none was selected."""
        return self.checked(name, lambda: require_tlp(self.raw(name) or "amber", f"/{name}")) or "amber"

    def moment(self, name: str) -> dt.datetime | None:
        """Return the value of a date-and-time field, in the zone of the instance, as UTC."""
        typed = self.raw(name)
        return self.checked(name, lambda: require_moment(self._moment(name), now(), f"/{name}")) if typed else None

    def bound(self, name: str) -> dt.datetime | None:
        """Return the value of a date-and-time field that may be in the future."""
        typed = self.raw(name)
        return self.checked(name, lambda: self._moment(name)) if typed else None

    def indicators(self, name: str = "indicators") -> list[Indicator]:
        """Return the indicators of a field, one per line; a line may begin with its kind, as in `account root`."""
        found: list[Indicator] = []
        for line in filter(None, (line.strip() for line in self.raw(name).splitlines())):
            seen = self.checked(name, lambda line=line: read_line(line, f"/{name}"))  # type: ignore[misc]
            if seen is not None:
                found.append(seen)
        return list(with_nested(found))

    def checked(self, name: str, read: Callable[[], T]) -> T | None:
        """Return the result of `read`, or None when it refuses; its faults are recorded."""
        try:
            return read()
        except RuleError as fault:
            self.faults.extend(fault.all)
            return None
        except OverflowError:
            self.faults.append(RuleError("moment.malformed", {"example": MOMENT_EXAMPLE}, pointer=f"/{name}"))
            return None

    def finished(self, name: str, read: Callable[[], T]) -> T:
        """Return the result of `read`, which reads the whole form; raise RuleError with its faults and all others."""
        found = self.checked(name, read)
        self.finish()
        if found is None:
            raise RuleError("document.does_not_fit", pointer=f"/{name}")
        return found

    def _moment(self, name: str) -> dt.datetime:
        return typed_moment(self.raw(name), zone(), f"/{name}")

    def has_fault(self, name: str) -> bool:
        """Return whether a fault of this field has been recorded."""
        return any(fault.pointer == f"/{name}" for fault in self.faults)


def typed_moment(typed: str, zone: dt.tzinfo, pointer: str) -> dt.datetime:
    """Return a typed date and time of a zone as UTC; raises RuleError `moment.malformed`."""
    wall = parse_wall(typed)
    if wall is None:
        raise RuleError("moment.malformed", {"example": MOMENT_EXAMPLE}, pointer=pointer)
    return wall.astimezone(dt.UTC) if wall.tzinfo else moment_of(wall, zone)


def typed_day(typed: str) -> str:
    """Return a typed day in the format of the API, such as 2026-11-03 for 2026/11/3; anything else unchanged."""
    wall = parse_wall(typed)
    return typed.strip() if wall is None else f"{wall:%Y-%m-%d}"


def typed_daytime(typed: str) -> str:
    """Return a typed time of day in the format of the API, such as 08:30 for 8:30; anything else unchanged."""
    plain = typed.strip().replace("：", ":")  # the colon of Chinese keyboards
    return f"0{plain}" if plain[1:2] == ":" else plain


def words_of(typed: str) -> list[str]:
    """Return the typed values, separated by commas of either width."""
    return [word for part in typed.replace("，", ",").split(",") if (word := part.strip())]
