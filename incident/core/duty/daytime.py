"""Parts of a day in local time, such as working hours and quiet hours."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final, cast

from incident.core.values.document import Reader
from incident.core.values.faults import RuleError

_SHAPE = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DAY: Final = timedelta(days=1)
SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A part of each day, from `start` to right before `end`; it spans midnight when it ends before it starts.

    Raises RuleError `daytime.empty` when it starts and ends at the same time.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise RuleError("daytime.empty", pointer="/until")

    def holds(self, at: time) -> bool:
        """Whether a time of day is inside the span."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def end_after(self, at: datetime, zone: tzinfo) -> datetime:
        """Return the first moment (UTC) after `at` (UTC) at which the span ends in the local time of a zone.

        An end that the clocks skip is as long after midnight as on other days; one that occurs twice ends the span
        twice.
        """
        today = at.astimezone(zone).date()
        ends = (end for days in (-1, 0, 1, 2) for end in _moments(today + days * _DAY, self.end, zone))
        return min(end for end in ends if end > at)

    def to_json(self) -> dict[str, str]:
        """Return the span as `{from: "22:00", until: "07:00"}`."""
        return {"from": f"{self.start:%H:%M}", "until": f"{self.end:%H:%M}"}


def parse_daytime(text: object, pointer: str = "") -> time:
    """Parse a time of day such as `08:30`; raises RuleError `daytime.malformed`."""
    if isinstance(text, str) and _SHAPE.fullmatch(text):
        return time(int(text[:2]), int(text[3:]))
    raise RuleError("daytime.malformed", {"example": "08:30"}, pointer=pointer)


def read_span(document: object, pointer: str = "") -> Span:
    """Read the span of a document `{from, until}`; raises RuleError with every fault and its place."""
    reader = Reader()
    span = span_of(reader, reader.members(document, pointer, ("from", "until")), pointer)
    reader.finish()
    return cast(Span, span)  # a reader without faults has returned a value


def span_of(reader: Reader, parts: dict[str, Any], pointer: str) -> Span | None:
    """Return the span of the members `from` and `until` of an object; None when the reader has recorded a fault."""
    start = reader.required(parts, "from", pointer, parse_daytime)
    end = reader.required(parts, "until", pointer, parse_daytime)
    if start is None or end is None:
        return None
    if start == end:
        reader.fault("daytime.empty", f"{pointer}/until")
        return None
    return Span(start, end)


def _moments(day: date, at: time, zone: tzinfo) -> list[datetime]:
    """Return the moments (UTC) of a local time on a day: one, or two when the clocks were put back."""
    first, second = (datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return [first, second] if second > first else [first]


def is_weekday(day: date) -> bool:
    """Whether a day is one from Monday to Friday."""
    return day.weekday() < SATURDAY


WORKING_HOURS: Final = Span(time(9), time(17, 30))
"""The default working hours of a department."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """The local clock of a department: its zone, its working days, and its working hours."""

    zone: tzinfo = UTC
    is_working_day: Callable[[date], bool] = is_weekday
    working_hours: Span = WORKING_HOURS

    def is_in(self, span: Span, at: datetime) -> bool:
        """Whether a moment (aware) is in the part of the day."""
        return span.holds(at.astimezone(self.zone).time())

    def is_working(self, at: datetime) -> bool:
        """Whether a moment (aware) is in the working hours of a working day."""
        local = at.astimezone(self.zone)
        return self.working_hours.holds(local.time()) and self.is_working_day(local.date())
