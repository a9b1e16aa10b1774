"""Delay between sign-in attempts: none at first, then growing."""

from datetime import timedelta
from typing import Final

FREE_TRIES: Final = 5
"""Number of attempts without a delay: people mistype."""

DELAY_FIRST: Final = timedelta(seconds=5)
MAX_DELAY: Final = timedelta(minutes=15)

KEEP_FOR: Final = timedelta(days=1)
"""The count is reset after this time without an attempt."""

WINDOW: Final = timedelta(hours=1)
"""The time window in which all attempts for one sign-in name are counted, from any address."""

MAX_TRIES: Final = 100
"""Number of attempts in that window that raises an alarm; none is refused, which would lock the owner out."""


def delay_after(tries: int) -> timedelta:
    """Return the delay after that many attempts in a row (from 1)."""
    if tries < FREE_TRIES:
        return timedelta(0)
    return min(DELAY_FIRST * (1 << min(tries - FREE_TRIES, 20)), MAX_DELAY)


def growing_delays() -> dict[int, timedelta]:
    """Return the delay after each number of attempts for which it is neither zero nor the longest."""
    found, tries = {}, FREE_TRIES
    while (delay := delay_after(tries)) < MAX_DELAY:
        found[tries] = delay
        tries += 1
    return found
