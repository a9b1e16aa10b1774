"""Months as insights name them: `2026-11`, its days, and the months before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from incident.core.values.faults import RuleError

FORM: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
FIRST_YEAR: Final = 1970
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

    def moved(self, by: int) -> "Month":
        """Return the month that is so many months later, or earlier."""
        years, number = divmod(self.number - 1 + by, 12)
        return Month(self.year + years, number + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def require_month(text: str, pointer: str = "") -> Month:
    """Return the month of a text such as `2026-11`; raises RuleError `month.malformed`."""
    match = FORM.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= 12 or not FIRST_YEAR <= int(match[1]) < 9999:
        raise RuleError("month.malformed", pointer=pointer)
    return Month(int(match[1]), int(match[2]))


def require_span(since: Month, until: Month, pointer: str = "") -> list[Month]:
    """Return the months from one to another; raises RuleError `month.order`, `month.too_many`."""
    if until < since:
        raise RuleError("month.order", pointer=pointer)
    count = (until.year - since.year) * 12 + until.number - since.number + 1
    if count > MAX_MONTHS:
        raise RuleError("month.too_many", {"most": MAX_MONTHS}, pointer=pointer)
    return [since.moved(by) for by in range(count)]
