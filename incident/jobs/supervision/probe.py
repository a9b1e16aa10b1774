"""Asks in a thread of its own, so that a database which hangs does not hang who asks."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

ABANDON_AFTER: Final = 30.0
"""Seconds after which a question that hangs is given up and another is asked: its connection may be dead for good."""


class Probe(Generic[T]):
    """One question that is asked again and again.

    Args:
        ask: asks it and returns the answer; raises nothing.
    """

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._is_asked = False
        self._began_at = 0.0
        self._answers: queue.SimpleQueue[T] = queue.SimpleQueue()

    def answer(self, limit: float) -> T | None:
        """Return the answer, None when there is none in time; while one question hangs no other is asked for a while.

        An answer that came after the last call had given up is old, and is not returned.

        Args:
            limit: seconds to wait.
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
