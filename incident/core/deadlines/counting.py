"""Counting of periods: minutes, days, months and working days in the zone and calendar of a law.

Each period has two ends. The strict one warns: it counts from the very moment. The lawful one follows the rules of
counting, which end a period of days with its last day and move it past days off; it is never earlier.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

Counting = Literal["elapsed", "cn-civil", "eu-1182-71"]
"""How days and months are counted: from the moment, by the Civil Code of China, or by EU Regulation 1182/71."""

DAY: Final = dt.timedelta(days=1)
_PERIOD: Final = re.compile(
    r"(?P<year_end>year_end\+)?P(?:(?P<months>\d{1,2})M|(?P<days>\d{1,3})D|(?P<working>\d{1,3})BD"
    r"|T(?:(?P<hours>\d{1,3})H)?(?:(?P<minutes>\d{1,3})M)?)",
    re.ASCII,
)


class DayOffs(Protocol):
    """What the counting asks of a working calendar."""

    def is_working_day(self, day: dt.date) -> bool:
        """Whether the day is worked."""

    def is_known(self, year: int) -> bool:
        """Whether the arrangement of the year is published."""


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time in one unit, and its text; `is_after_year` counts it from the end of the year."""

    minutes: int = 0
    days: int = 0
    months: int = 0
    working_days: int = 0
    is_after_year: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """The ends of a period (UTC): `due_at` by the strict reading, `lawful_at` by the rules of counting.

    `notes` say what was assumed: `no_calendar` when Monday to Friday was counted for want of the country's calendar,
    `calendar_expected` when the year's holidays are not published yet.
    """

    due_at: dt.datetime
    lawful_at: dt.datetime
    notes: tuple[str, ...] = ()


def read_period(text: str) -> Period:
    """Read a period such as `PT4H`, `P30D`, `P1M`, `P4BD` (working days) or `year_end+P60D`; raises ValueError."""
    found = _PERIOD.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        raise ValueError(text)
    number = {name: int(value or 0) for name, value in found.groupdict().items() if name != "year_end"}
    return Period(
        minutes=number["hours"] * 60 + number["minutes"],
        days=number["days"],
        months=number["months"],
        working_days=number["working"],
        is_after_year=found["year_end"] is not None,
        text=text,
    )


def period_end(
    period: Period, start: dt.datetime, zone: ZoneInfo, counting: Counting, calendar: DayOffs | None
) -> PeriodEnd:
    """Return when a period ends.

    Args:
        period: its length.
        start: when it begins (UTC).
        zone: the zone of the law, whose days are counted.
        counting: how days and months are counted.
        calendar: the working calendar of the country; None when it is not known, then Monday to Friday is worked.
    """
    if period.minutes:
        end = start + dt.timedelta(minutes=period.minutes)
        return PeriodEnd(end, end)
    local = start.astimezone(zone)
    if period.is_after_year:
        first = _utc(dt.datetime(local.year + 1, 1, 1, tzinfo=zone))
        return period_end(Period(days=period.days), first, zone, "elapsed", calendar)
    if period.working_days:
        return _working_end(period.working_days, local, zone, calendar)
    if period.months:
        last = _add_months(local.date(), period.months)
        strict = _at_wall(last, local, zone)
    else:
        last = local.date() + period.days * DAY
        strict = min(_at_wall(last, local, zone), start + period.days * DAY)
    if counting == "elapsed":
        return PeriodEnd(strict, strict)
    last, notes = _first_worked(last, calendar)
    return PeriodEnd(strict, max(strict, _end_of_day(last, zone)), notes)


def _working_end(count: int, local: dt.datetime, zone: ZoneInfo, calendar: DayOffs | None) -> PeriodEnd:
    """Count working days from the day after; while holidays are only expected, the earlier end of both counts."""
    last = _count(local.date(), count, _is_weekday)
    notes: tuple[str, ...] = ("no_calendar",)
    if calendar is not None:
        by_calendar = _count(local.date(), count, calendar.is_working_day)
        is_known = all(calendar.is_known(year) for year in range(local.year, by_calendar.year + 1))
        last = by_calendar if is_known else min(last, by_calendar)
        notes = () if is_known else ("calendar_expected",)
    strict = _at_wall(last, local, zone)
    return PeriodEnd(strict, max(strict, _end_of_day(last, zone)), notes)


def _count(day: dt.date, count: int, worked: Callable[[dt.date], bool]) -> dt.date:
    while count:
        day += DAY
        count -= worked(day)
    return day


def _first_worked(day: dt.date, calendar: DayOffs | None) -> tuple[dt.date, tuple[str, ...]]:
    """Return the day itself or the next one that is worked; the earlier one while holidays are only expected."""
    by_weekday = _count(day - DAY, 1, _is_weekday)
    if calendar is None:
        return by_weekday, ("no_calendar",)
    by_calendar = _count(day - DAY, 1, calendar.is_working_day)
    if all(calendar.is_known(year) for year in range(day.year, by_calendar.year + 1)):
        return by_calendar, ()
    return min(by_weekday, by_calendar), ("calendar_expected",)


def _is_weekday(day: dt.date) -> bool:
    return day.weekday() < 5


def _add_months(day: dt.date, months: int) -> dt.date:
    """Return the day some months later, the last of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _at_wall(day: dt.date, local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return _utc(dt.datetime.combine(day, local.time(), zone))


def _end_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return _utc(dt.datetime.combine(day + DAY, dt.time(), zone))


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)
