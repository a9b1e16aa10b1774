"""Recurring days (RFC 5545 section 3.3.10), as far as duty needs them: by day, week, month or year.

python-dateutil judges it in tests (`tests/core/duty/test_recurrence_oracle.py`) and does not replace it, because a rule
comes from outside in a file: one without any day, such as each 30 February, keeps dateutil busy for 9 s and ends here
after 0.1 ms. Usual rules take 1 ms for 400 days, 0.4 ms by dateutil. Turns of a rota are computed, not counted: who is
on duty after six years of daily turns takes 7 us, 8 ms by dateutil (`make bench ARGS=--pieces`).
"""

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from incident.core.duty.working_calendar import WEEKDAYS
from incident.core.values.faults import RuleError

FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_KNOWN: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"})
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_MAX_INTERVAL: Final = 1_000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence rule.

    `weekdays` are pairs of an ordinal within the month (0: each) and a day of the week from Monday = 0; `count` is the
    maximum number of occurrences, None when only time ends it.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    week_start: int = 0

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days of the rule from the first to the last; the running time grows with their distance."""
        happened, day = 0, first
        while day <= last and (self.count is None or happened < self.count):
            if self._holds(first, day):
                happened += 1
                yield day
            day += _DAY

    def _holds(self, first: date, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self._distance(first, day) % self.interval:
            return False
        is_any_month = self.months or self.month_days  # days of the month alone are those of every month
        if self.frequency == "YEARLY" and not is_any_month and day.month != first.month:
            return False
        is_named = self._is_named(day)
        return self._is_usual(first, day) if is_named is None else is_named

    def _distance(self, first: date, day: date) -> int:
        if self.frequency == "DAILY":
            return (day - first).days
        if self.frequency == "WEEKLY":
            return (self._week(day) - self._week(first)).days // 7
        months = (day.year - first.year) * 12 + day.month - first.month
        return months if self.frequency == "MONTHLY" else day.year - first.year

    def _week(self, day: date) -> date:
        return day - _DAY * ((day.weekday() - self.week_start) % 7)

    def _is_named(self, day: date) -> bool | None:
        """Whether the parts BYDAY and BYMONTHDAY include the day; None when the rule has neither."""
        length = calendar.monthrange(day.year, day.month)[1]
        is_named = None
        if self.month_days:
            is_named = day.day in self.month_days or day.day - length - 1 in self.month_days
        if self.weekdays:
            counts = {0, (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)}
            is_weekday = any(count in counts and weekday == day.weekday() for count, weekday in self.weekdays)
            is_named = is_weekday and is_named is not False
        return is_named

    def _is_usual(self, first: date, day: date) -> bool:
        if self.frequency == "DAILY":
            return True
        return day.weekday() == first.weekday() if self.frequency == "WEEKLY" else day.day == first.day


def read_recurrence(parts: Mapping[str, Sequence[Any]], pointer: str = "") -> Recurrence:
    """Read the rule from its parts by name, without UNTIL; raises RuleError `event.rule` for unsupported parts."""
    try:
        return _read(parts)
    except (ValueError, IndexError, TypeError) as error:
        raise RuleError("event.rule", pointer=pointer) from error


def _read(parts: Mapping[str, Sequence[Any]]) -> Recurrence:
    given = {name: list(values) for name, values in parts.items()}
    frequency = str(given["FREQ"][0]).upper() if "FREQ" in given else ""
    interval = int(given.get("INTERVAL", [1])[0])
    weekdays = tuple(_read_weekday(str(one).upper()) for one in given.get("BYDAY", []))
    is_counted = any(count for count, _ in weekdays)
    if (
        frequency not in FREQUENCIES
        or not given.keys() <= _KNOWN
        or not 1 <= interval <= _MAX_INTERVAL
        or (is_counted and frequency in {"DAILY", "WEEKLY"})
        or (weekdays and frequency == "YEARLY" and "BYMONTH" not in given)
    ):
        raise ValueError(frequency)
    return Recurrence(
        frequency,
        interval,
        int(given["COUNT"][0]) if "COUNT" in given else None,
        weekdays,
        tuple(int(day) for day in given.get("BYMONTHDAY", [])),
        tuple(int(month) for month in given.get("BYMONTH", [])),
        WEEKDAYS.index(str(given.get("WKST", ["MO"])[0]).upper()),
    )


def _read_weekday(text: str) -> tuple[int, int]:
    match = _BYDAY.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1] or 0), WEEKDAYS.index(match[2])
