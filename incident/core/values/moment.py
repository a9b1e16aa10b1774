"""Moments: time-zone aware, in UTC, in the format of RFC 3339, and within plausible bounds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from incident.core.values.faults import RuleError

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD_LIMIT: Final = timedelta(days=1)

# Fractions finer than microseconds are cut because Go programs send nanoseconds; Suricata writes the offset as `+0000`.
_SHAPE = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?([Zz]|[+-]\d\d:?\d\d)",
    re.ASCII,
)


def require_moment(at: datetime, now: datetime, pointer: str = "") -> datetime:
    """Return the moment in UTC.

    Raises RuleError `moment.without_zone` when it is naive, `moment.out_of_bounds` unless it lies between the year 2000
    and one day after `now`.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise RuleError("moment.without_zone", pointer=pointer)
    if not EARLIEST <= at <= now + AHEAD_LIMIT:
        raise RuleError("moment.out_of_bounds", {"earliest": "2000-01-01"}, pointer=pointer)
    return at.astimezone(UTC)


def parse_moment(text: object, pointer: str = "") -> datetime:
    """Parse an RFC 3339 text and return the moment in UTC; raises RuleError `moment.malformed`."""
    match = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise RuleError("moment.malformed", {"example": "2026-11-21T08:30:00Z"}, pointer=pointer)
    day, time, fraction, zone = match.groups()
    text = f"{day}T{time}.{(fraction or '0')[:6].ljust(6, '0')}{zone.upper()}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RuleError("moment.malformed", {"example": "2026-11-21T08:30:00Z"}, pointer=pointer) from error


def format_moment(at: datetime) -> str:
    """Format the moment after RFC 3339: in UTC, with microseconds and `Z`.

    The text always has 27 characters, so texts sort in the order of their moments.
    """
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"
