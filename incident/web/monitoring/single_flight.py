"""A query in a thread of its own, so that its callers need not wait for it to end."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs one query at a time; all callers meanwhile get the same result.

    Args:
        limit: the time (s) after which callers stop waiting for the result.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._answer: Future[T] | None = None
        self._asked_at = 0.0

    def answer(self, ask: Callable[[], T]) -> T:
        """Return the result, and raise what the query raises.

        Args:
            ask: the query.

        Raises:
            TimeoutError: when there is no result in time; at once, when a query that hangs has exceeded the limit.
        """
        with self._lock:
            if self._answer is None or self._answer.done():
                self._answer, self._asked_at = Future(), time.monotonic()
                threading.Thread(target=self._ask, args=(ask, self._answer), name="asking", daemon=True).start()
            answer, until = self._answer, self._asked_at + self.limit
        return answer.result(max(0.0, until - time.monotonic()))

    @staticmethod
    def _ask(ask: Callable[[], T], answer: Future[T]) -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to those who wait
            answer.set_exception(error)
