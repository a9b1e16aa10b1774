"""Months as insights name them: `2026-11`, its days, and the months before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incident.core.values.faults import RuleError

FORM: Final = re.compile("(20[0-9]{2})-(0[1-9]|1[0-2])")
"""A month of this century: no program of this kind has figures of another one."""

MAX_MONTHS: Final = 60


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month of a day."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.moved(1).first - timedelta(days=1)

    @property
    def days(self) -> Iterator[date]:
        """Its days."""
        return (self.first + timedelta(days=number) for number in range(self.last.day))

    def span_in(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return its beginning and that of the next month (UTC), in a time zone."""
        first, second = (
            datetime(one.year, one.number, 1, tzinfo=zone).astimezone(UTC) for one in (self, self.moved(1))
        )
        return first, second

    def moved(self, by: int) -> "Month":
        """Return the month that is so many months later, or earlier."""
        years, number = divmod(self.number - 1 + by, 12)
        return Month(self.year + years, number + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def require_month(text: object, pointer: str = "") -> Month:
    """Return the month of a text such as `2026-11`; raises RuleError `month.malformed`."""
    match = FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise RuleError("month.malformed", pointer=pointer)
    return Month(int(match[1]), int(match[2]))


def require_months_between(since: Month, until: Month, pointer: str = "") -> list[Month]:
    """Return the months from one to another; raises RuleError `month.order`, `month.too_many`."""
    if until < since:
        raise RuleError("month.order", pointer=pointer)
    count = (until.year - since.year) * 12 + until.number - since.number + 1
    if count > MAX_MONTHS:
        raise RuleError("month.too_many", {"most": MAX_MONTHS}, pointer=pointer)
    return [since.moved(by) for by in range(count)]
