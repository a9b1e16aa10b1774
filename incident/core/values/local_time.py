"""Conversion between the local time of a zone and UTC."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

TYPED: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:[\sT,，]*(\d{1,2})[:：时](\d{2})分?)?",
    re.ASCII,
)
"""A date, with or without a time, as people type it: 2026-11-29 08:30, 2026/11/9 8:30, 2026年11月29日 08:30."""


@lru_cache(maxsize=20_000)
def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """Return the moment (UTC) at which local clocks of a zone show `wall` (naive).

    When a local time occurs twice, the first occurrence is returned. When it is skipped, the result is the moment at
    which the clock is put forward, so that later local times never give earlier moments.
    """
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # The local time is skipped: the clock is put forward between the moments that the offsets after and before give.
    low, high = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def wall_of(at: datetime, zone: tzinfo) -> datetime:
    """Return the local time (naive) of a zone at a moment."""
    return at.astimezone(zone).replace(tzinfo=None)


def parse_wall(typed: str) -> datetime | None:
    """Return a typed date and time, naive unless it has an offset; None if it cannot be read."""
    found = TYPED.fullmatch(typed.strip())
    try:
        if found is None:
            return datetime.fromisoformat(typed.strip())
        year, month, day, hour, minute = (int(one) for one in found.groups("0"))
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001
    except ValueError:
        return None
