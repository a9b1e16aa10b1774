"""Warnings of deadlines: at which parts of their time, how often afterwards, and how urgent each is."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

THRESHOLDS: Final = (50, 80, 100)
"""Percent of the time between start and due at which people are warned."""

ENDED: Final = THRESHOLDS[-1]
"""The threshold at which the deadline has passed."""

REPEATED_EVERY: Final = dt.timedelta(minutes=30)
"""How often people are warned once a deadline has passed."""

SHORT: Final = dt.timedelta(hours=4)
"""Deadlines of at most this length come before longer ones when many are due at once."""

MOST_URGENT, URGENT, ORDINARY = 0, 1, 2


def threshold_at(start: dt.datetime, due: dt.datetime, percent: int) -> dt.datetime:
    """Return when a part of the time from start to due (UTC) has passed."""
    return due if percent == 100 else start + (due - start) * percent / 100


def passed_threshold(start: dt.datetime, due: dt.datetime, at: dt.datetime) -> int:
    """Return the highest threshold that has passed at a moment (UTC), 0 before the first."""
    return max((one for one in THRESHOLDS if threshold_at(start, due, one) <= at), default=0)


def next_warning_at(start: dt.datetime, due: dt.datetime, after: dt.datetime) -> dt.datetime:
    """Return the first moment after a moment (UTC) at which people are warned."""
    return next(one for one in _warnings(start, due, after) if one > after)


def _warnings(start: dt.datetime, due: dt.datetime, after: dt.datetime) -> Iterator[dt.datetime]:
    for percent in THRESHOLDS:
        yield threshold_at(start, due, percent)
    count = max(0, (after - due) // REPEATED_EVERY)
    while True:
        count += 1
        yield due + count * REPEATED_EVERY


def urgency_of(start: dt.datetime, due: dt.datetime, at: dt.datetime) -> int:
    """Return how urgent the warning at a moment (UTC) is, the most urgent the lowest number.

    Where the time has just run out comes first, of short deadlines before long ones; what repeats comes with the rest.
    """
    if not due <= at < due + REPEATED_EVERY:
        return ORDINARY
    return MOST_URGENT if due - start <= SHORT else URGENT
