"""Moments as senders write them: RFC 3339 and what is near it, mail dates, and counts since 1970."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

from incident.core.values.moment import AHEAD_LIMIT, EARLIEST

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TEXT_LIMIT: Final = 60
_DATE = re.compile(
    r"(\d{4})[-./](\d\d?)[-./](\d\d?)[Tt ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d))?", re.ASCII)
_COUNT = re.compile(r"\d{1,20}(?:\.\d{1,20})?(?:[eE]\+?\d\d?)?", re.ASCII)


def parse_offset(text: str) -> timezone | None:
    """Return the zone of an offset such as `+08:00`; None for another text."""
    match = _OFFSET.fullmatch(text)
    if match is None or int(match[2]) > 14 or int(match[3] or 0) > 59:
        return None
    length = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-length if match[1] == "-" else length)


def read_time(text: str, format_name: str, zone: timezone, received_at: datetime) -> datetime | None:
    """Return the moment that a text means, in UTC; None where it means none, or one that cannot be.

    Args:
        text: what the sender wrote.
        format_name: one of `FORMATS`.
        zone: of a time without one.
        received_at: when the alert was received (UTC); a moment more than a day later cannot be.
    """
    try:
        at = FORMATS[format_name](text, zone) if len(text) <= TEXT_LIMIT else None
        at = None if at is None else at.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return at if at is not None and EARLIEST <= at <= received_at + AHEAD_LIMIT else None


def _date(text: str, zone: timezone) -> datetime | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    named = UTC if offset in {"Z", "z", "UTC", "GMT"} else parse_offset(offset) if offset else zone
    if named is None:
        return None
    return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), microsecond, named)


def _mail(text: str, zone: timezone) -> datetime | None:
    at = parsedate_to_datetime(text)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _since_epoch(per_second: int) -> Callable[[str, timezone], datetime | None]:
    def read(text: str, _zone: timezone) -> datetime | None:
        return EPOCH + timedelta(seconds=float(text) / per_second) if _COUNT.fullmatch(text) else None

    return read


def _count(text: str, zone: timezone) -> datetime | None:
    """Read a count since 1970 whose unit follows from its size: years 1973 to 5138 in each unit."""
    if not _COUNT.fullmatch(text):
        return None
    size = float(text)
    unit = next((unit for most, unit in ((1e11, 1), (1e14, 10**3), (1e17, 10**6)) if size < most), 10**9)
    return _since_epoch(unit)(text, zone)


def _any(text: str, zone: timezone) -> datetime | None:
    return _date(text, zone) or _count(text, zone) or _mail(text, zone)


FORMATS: Final[Mapping[str, Callable[[str, timezone], datetime | None]]] = {
    "any": _any,
    "iso": _date,
    "epoch": _count,
    "seconds": _since_epoch(1),
    "milliseconds": _since_epoch(10**3),
    "microseconds": _since_epoch(10**6),
    "nanoseconds": _since_epoch(10**9),
    "mail": _mail,
}
