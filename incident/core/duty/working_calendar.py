"""Working calendar: weekends, holidays, and make-up working days on weekends."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from incident.core.values.document import Reader, text
from incident.core.values.faults import RuleError, member
from incident.core.values.text import require_name

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Days of the week in iCalendar (RFC 5545 section 3.3.10), Monday first as `date.weekday` counts."""

MAX_YEARS: Final = 100
MAX_DAYS: Final = 366
NAME_LIMIT: Final = 100

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """Return the name in Chinese for a language that begins with `zh`, else in English."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """A calendar of working days.

    `weekend` lists days of the week from Monday = 0; `holidays` are days off with their names; `working` are days of a
    weekend that are worked; `years` are those whose arrangement is published, None when every year follows the weekend
    alone.
    """

    name: Named
    weekend: frozenset[int]
    holidays: Mapping[date, Named]
    working: frozenset[date]
    years: frozenset[int] | None

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked: a make-up day precedes a holiday, a holiday precedes the weekend."""
        if day in self.working:
            return True
        return day not in self.holidays and day.weekday() not in self.weekend

    def name_of(self, day: date) -> Named | None:
        """Return the name of the holiday on the day, None on any other."""
        return self.holidays.get(day)

    def is_known(self, year: int) -> bool:
        """Whether the year's arrangement is published; otherwise only the holidays by law are expected."""
        return self.years is None or year in self.years


PLAIN: Final = WorkingCalendar(Named("Monday to Friday", "周一至周五"), frozenset({5, 6}), {}, frozenset(), None)
"""Monday to Friday, without holidays."""


def read_calendar(document: object) -> WorkingCalendar:
    """Read the calendar of a document `{name, weekend, years: {YEAR: {holidays, working, expected?}}}`.

    A holiday is a day or `FIRST/LAST`; raises RuleError with every fault and its place.
    """
    reader = Reader()
    parts = reader.members(document, "", ("name", "weekend", "years"))
    name = reader.required(parts, "name", "", _read_name)
    weekend = [
        reader.checked(read_weekday, item, member("/weekend", place))
        for place, item in enumerate(reader.items(parts.get("weekend", ["SA", "SU"]), "/weekend", 7))
    ]
    holidays: dict[date, Named] = {}
    working: set[date] = set()
    known = set()
    years = reader.members(parts.get("years", {}), "/years")
    for written, arrangement in list(years.items())[:MAX_YEARS]:
        pointer = member("/years", written)
        year = reader.checked(_read_year, written, pointer)
        if year is None:
            continue
        is_expected = _read_arrangement(reader, arrangement, year, pointer, holidays, working)
        if not is_expected:
            known.add(year)
    reader.finish()
    days_off = frozenset(day for day in weekend if day is not None)
    return WorkingCalendar(
        name or Named("", ""), days_off, holidays, frozenset(working), frozenset(known) if years else None
    )


def read_weekday(value: object, pointer: str) -> int:
    """Return a day of the week from Monday = 0; raises RuleError `document.not_a_choice`."""
    if isinstance(value, str) and value in WEEKDAYS:
        return WEEKDAYS.index(value)
    raise RuleError("document.not_a_choice", {"choices": ", ".join(WEEKDAYS)}, pointer=pointer)


def read_day(value: object, pointer: str) -> date:
    """Parse a day such as `2026-01-05`; raises RuleError `day.malformed`."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise RuleError("day.malformed", {"example": "2026-01-05"}, pointer=pointer)


def _read_arrangement(
    reader: Reader, document: object, year: int, pointer: str, holidays: dict[date, Named], working: set[date]
) -> bool:
    """Add the holidays and make-up days of a year to the calendar; return whether they are only expected."""
    parts = reader.members(document, pointer, ("holidays", "working", "expected"))
    place = member(pointer, "holidays")
    for written, name in list(reader.members(parts.get("holidays", {}), place).items())[:MAX_DAYS]:
        days = reader.checked(_read_days, written, member(place, written)) or ()
        named = reader.checked(_read_name, name, member(place, written))
        for day in days:
            if day.year != year:
                reader.fault("calendar.other_year", member(place, written), year=year)
            elif named is not None:
                holidays[day] = named
    place = member(pointer, "working")
    for index, written in enumerate(reader.items(parts.get("working", []), place, MAX_DAYS)):
        made_up = reader.checked(read_day, written, member(place, index))
        if made_up is not None and made_up.year != year:
            reader.fault("calendar.other_year", member(place, index), year=year)
        elif made_up is not None:
            working.add(made_up)
    return parts.get("expected") is True


def _read_year(value: str, pointer: str) -> int:
    if len(value) == 4 and value.isascii() and value.isdigit() and value >= "2000":
        return int(value)
    raise RuleError("calendar.no_year", pointer=pointer)


def _read_days(value: str, pointer: str) -> tuple[date, ...]:
    first, _, last = value.partition("/")
    begin = read_day(first, pointer)
    end = read_day(last, pointer) if last else begin
    if not 0 <= (end - begin).days < MAX_DAYS:
        raise RuleError("day.malformed", {"example": "2026-02-15/2026-02-23"}, pointer=pointer)
    return tuple(begin + timedelta(days=count) for count in range((end - begin).days + 1))


def _read_name(value: Any, pointer: str) -> Named:
    check = _name
    if isinstance(value, str):
        return Named(check(value, pointer), value)
    reader = Reader()
    parts = reader.members(value, pointer, ("en", "zh"))
    english = reader.required(parts, "en", pointer, check)
    chinese = reader.required(parts, "zh", pointer, check)
    reader.finish()
    return Named(english or "", chinese or "")


def _name(value: Any, pointer: str) -> str:
    return require_name(text(NAME_LIMIT)(value, pointer), NAME_LIMIT, pointer)
