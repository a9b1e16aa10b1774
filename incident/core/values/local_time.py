"""The clock on the wall of a zone, and the moments that it names."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache


@lru_cache(maxsize=20_000)
def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """The moment (UTC) at which the clock on the wall of a zone shows `wall` (naive).

    Of an hour that comes twice it is the first; a time that is skipped is the moment at which the clock is put forward,
    so that what follows on the wall never comes earlier.
    """
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # Skipped: the clock is put forward between the moments that the offsets after and before give.
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
    """What the clock on the wall (naive) shows at a moment."""
    return at.astimezone(zone).replace(tzinfo=None)
