"""Parts of a day by the wall clock, such as working hours and quiet hours."""

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
    """A part of each day, from `start` to right before `end`; one that ends before it starts goes over midnight.

    Raises RuleError `daytime.empty` when it starts and ends at the same time.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise RuleError("daytime.empty", pointer="/until")

    def holds(self, at: time) -> bool:
        """Whether a time of day lies in it."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def end_after(self, at: datetime, zone: tzinfo) -> datetime:
        """The first moment (UTC) after `at` (UTC) at which it ends on the wall clocks of a zone.

        An end that the clocks skip comes as late after midnight as on other days, one that they show twice ends the
        span twice.
        """
        today = at.astimezone(zone).date()
        ends = (end for days in (-1, 0, 1, 2) for end in _moments(today + days * _DAY, self.end, zone))
        return min(end for end in ends if end > at)

    def to_json(self) -> dict[str, str]:
        """The span as `{from: "22:00", until: "07:00"}`."""
        return {"from": f"{self.start:%H:%M}", "until": f"{self.end:%H:%M}"}


def parse_daytime(text: object, pointer: str = "") -> time:
    """The time of day that a text such as `08:30` names; raises RuleError `daytime.malformed`."""
    if isinstance(text, str) and _SHAPE.fullmatch(text):
        return time(int(text[:2]), int(text[3:]))
    raise RuleError("daytime.malformed", {"example": "08:30"}, pointer=pointer)


def read_span(document: object, pointer: str = "") -> Span:
    """The span of a document `{from, until}`; raises RuleError with every fault and its place."""
    reader = Reader()
    span = span_of(reader, reader.members(document, pointer, ("from", "until")), pointer)
    reader.finish()
    return cast(Span, span)  # a reader that has kept no fault has read it


def span_of(reader: Reader, parts: dict[str, Any], pointer: str) -> Span | None:
    """The span that the members `from` and `until` of an object name; None when the reader has kept a fault."""
    start = reader.required(parts, "from", pointer, parse_daytime)
    end = reader.required(parts, "until", pointer, parse_daytime)
    if start is None or end is None:
        return None
    if start == end:
        reader.fault("daytime.empty", f"{pointer}/until")
        return None
    return Span(start, end)


def _moments(day: date, at: time, zone: tzinfo) -> list[datetime]:
    """The moments (UTC) at which the clocks show a time on a day: one, or two when they were put back."""
    first, second = (datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return [first, second] if second > first else [first]


def is_weekday(day: date) -> bool:
    """Whether a day is one from Monday to Friday."""
    return day.weekday() < SATURDAY


WORKING_HOURS: Final = Span(time(9), time(17, 30))
"""What counts as working hours where a department has set none."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """How a department reads a moment: its zone, which days it works, and its working hours."""

    zone: tzinfo = UTC
    is_working_day: Callable[[date], bool] = is_weekday
    working_hours: Span = WORKING_HOURS

    def is_in(self, span: Span, at: datetime) -> bool:
        """Whether a moment (aware) lies in a part of the day."""
        return span.holds(at.astimezone(self.zone).time())

    def is_working(self, at: datetime) -> bool:
        """Whether a moment (aware) lies in the working hours of a working day."""
        local = at.astimezone(self.zone)
        return self.working_hours.holds(local.time()) and self.is_working_day(local.date())
