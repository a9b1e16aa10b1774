"""How long one has to wait between tries to sign in: nothing at first, then longer and longer."""

from datetime import timedelta
from typing import Final

FREE_TRIES: Final = 5
"""So many tries cost no waiting: people mistype."""

DELAY_FIRST: Final = timedelta(seconds=5)
DELAY_MOST: Final = timedelta(minutes=15)

KEEP_FOR: Final = timedelta(days=1)
"""After so long without a try the count begins anew."""

WINDOW: Final = timedelta(hours=1)
"""The time within which all tries for one sign-in name are counted, wherever they come from."""

TRIES_MOST: Final = 100
"""From so many tries in that time on people are alarmed; nobody is refused for it, as it would lock the owner out."""


def delay_after(tries: int) -> timedelta:
    """Return how long one has to wait after so many tries in a row (from 1)."""
    if tries < FREE_TRIES:
        return timedelta(0)
    return min(DELAY_FIRST * (1 << min(tries - FREE_TRIES, 20)), DELAY_MOST)


def growing_delays() -> dict[int, timedelta]:
    """Return the delay after each number of tries for which it is neither nothing nor the longest."""
    found, tries = {}, FREE_TRIES
    while (delay := delay_after(tries)) < DELAY_MOST:
        found[tries] = delay
        tries += 1
    return found
