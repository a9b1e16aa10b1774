"""The time zones that a calendar file (RFC 5545) describes itself: only those whose offsets are quickly found."""

from collections.abc import Iterator
from typing import Any, Final

from incident.core.values.faults import RuleError
from incident.core.values.text import one_line

_MAX_CHANGES: Final = 100
"""Descriptions of one offset from UTC, in all zones of a file."""

_MAX_RULES: Final = 20
_MAX_DATES: Final = 500
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"})
_MAX_DAY: Final = 28
"""Of a month: a later one may never come, and it would be looked for until the year 9999."""


def require_simple_zones(calendar: Any) -> None:
    """Refuse a calendar whose zones change their clocks otherwise than by a few yearly rules and dates.

    To find an offset by a rule that comes every second would take hours.

    Args:
        calendar: as the library parsed it.

    Raises:
        RuleError: `icalendar.zone`.
    """
    changes = rules = dates = 0
    for zone in calendar.walk("VTIMEZONE"):
        for change in zone.subcomponents:
            given = _listed(change.get("RRULE"))
            changes, rules = changes + 1, rules + len(given)
            dates += sum(len(getattr(one, "dts", ())) for one in _listed(change.get("RDATE")))
            is_few = changes <= _MAX_CHANGES and rules <= _MAX_RULES and dates <= _MAX_DATES
            if not is_few or not all(_is_yearly(rule) for rule in given):
                raise RuleError("icalendar.zone", {"zone": one_line(str(zone.get("TZID", "")), 80)})


def _is_yearly(rule: Any) -> bool:
    parts = {str(name).upper(): _listed(values) for name, values in rule.items()}
    steps = {str(step) for name in ("FREQ", "INTERVAL") for step in parts.get(name, [])}
    return set(parts) <= _PARTS and {step.upper() for step in steps} <= {"YEARLY", "1"} and all(_days(parts))


def _days(parts: dict[str, list[Any]]) -> Iterator[bool]:
    """Yield of each day of the month whether it comes in every month."""
    for day in parts.get("BYMONTHDAY", []):
        yield 0 < abs(int(day)) <= _MAX_DAY


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
