"""The remaining time of a command."""

import math
import time


class Deadline:
    """A limit in seconds that counts from now; None is no limit."""

    def __init__(self, limit: float | None) -> None:
        self._ends_at = math.inf if limit is None else time.monotonic() + limit

    def left(self, most: float) -> float:
        """Return the remaining seconds, at most `most`; never less than 0."""
        return max(min(self._ends_at - time.monotonic(), most), 0.0)

    @property
    def is_over(self) -> bool:
        """Return whether no time remains."""
        return time.monotonic() >= self._ends_at
