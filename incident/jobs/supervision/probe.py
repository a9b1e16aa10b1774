"""Queries in a thread of their own, so that a hanging database does not block the caller."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

ABANDON_AFTER: Final = 30.0
"""Time (s) after which a hanging query is given up and repeated: its connection may be dead."""


class Probe(Generic[T]):
    """One query that is repeated.

    Args:
        ask: makes the query and returns the result; raises nothing.
    """

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._is_asked = False
        self._began_at = 0.0
        self._answers: queue.SimpleQueue[T] = queue.SimpleQueue()

    def answer(self, limit: float) -> T | None:
        """Return the result, None if it is late; while one query hangs no other is made for a while.

        A result that arrived after the last call had given up is old, and is not returned.

        Args:
            limit: the time to wait (s).
        """
        if not self._is_asked or not self._answers.empty() or self._has_hung():
            self._is_asked = True
            self._answers = queue.SimpleQueue()
            self._began_at = time.monotonic()
            threading.Thread(target=self._run, args=(self._answers,), name="probe", daemon=True).start()
        try:
            answer = self._answers.get(timeout=limit)
        except queue.Empty:
            return None
        self._is_asked = False
        return answer

    def _has_hung(self) -> bool:
        return time.monotonic() - self._began_at > ABANDON_AFTER

    def _run(self, answers: "queue.SimpleQueue[T]") -> None:
        answers.put(self._ask())
