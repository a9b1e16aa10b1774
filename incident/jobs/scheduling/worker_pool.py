"""Slots for work that waits for external systems: free slots claim rows, each with its own thread."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from incident.jobs.scheduling.faults import log_fault

T = TypeVar("T")

PAUSE_AFTER_FAULT = 1.0
"""Wait (s) after a failed claim, such as when the database is away."""

GATHER_LEAST = 16
GATHER_LIMIT = 0.04
"""Limit of free slots, and the wait (s) for more below it while others are in use.

A claim of many costs as much as a claim of one."""
GATHER_STEP = 0.004


class WorkerPool(Generic[T]):
    """A bounded number of threads with one dispatcher.

    Args:
        name: the purpose of the slots, in logs and thread names.
        count: the number of slots.
        claim: receives the number of free slots and the work in flight, claims work and returns it.
        do: does one piece of work; it runs in a slot, catches external faults, and writes the outcome.
        keep: receives the work in flight at intervals, when that may take longer than its lease.
        keep_every: the interval (s).
        is_gathered: receives the number of free slots, returns whether that is enough to claim at once.
        look_again: called after each claim, with the number of free slots; returns after how many seconds to
            claim again without a wake-up, None for never.
    """

    def __init__(
        self,
        name: str,
        count: int,
        claim: Callable[[int, Sequence[T]], Sequence[T]],
        do: Callable[[T], None],
        keep: Callable[[Sequence[T]], None] | None = None,
        keep_every: float = 10.0,
        is_gathered: Callable[[int], bool] = lambda free: free >= GATHER_LEAST,
        look_again: Callable[[int], float | None] = lambda _free: None,
    ) -> None:
        self.name = name
        self._count = count
        self._claim = claim
        self._do = do
        self._keep = keep
        self._keep_every = keep_every
        self._is_gathered = is_gathered
        self._look_again = look_again
        self._kept_at = time.monotonic()
        self._lock = threading.Lock()
        self._in_flight: list[T] = []
        self._has_news = threading.Event()
        self._is_stopping = False
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._dispatcher = threading.Thread(target=self._run, name=f"{name}-dispatcher", daemon=True)

    def start(self) -> None:
        """Start claiming work."""
        self._dispatcher.start()

    def notify(self) -> None:
        """Signal that there may be work; never blocks."""
        self._has_news.set()

    def in_hand(self) -> int:
        """Return how many pieces are in flight."""
        return len(self._in_flight)

    @property
    def is_alive(self) -> bool:
        """Whether the dispatcher runs."""
        return self._dispatcher.is_alive()

    def stop(self, limit: float) -> None:
        """Stop claiming and let the work in progress end, for at most `limit` seconds."""
        self._is_stopping = True
        self.notify()
        end = time.monotonic() + limit
        if self._dispatcher.ident is not None:
            self._dispatcher.join(limit)
        while self._in_flight and time.monotonic() < end:
            time.sleep(0.02)
        self._pool.shutdown(wait=False)

    def _run(self) -> None:
        pause: float | None = None
        while not self._is_stopping:
            self._has_news.wait(pause)
            self._has_news.clear()
            pause = None
            try:
                self._keep_in_flight()
                self._fill()
                pause = self._look_again(self._count - len(self._in_flight))
            except Exception as error:  # noqa: BLE001  # tried again
                log_fault(error, "claiming work failed", slots=self.name)
                threading.Event().wait(PAUSE_AFTER_FAULT)
                self.notify()

    def _keep_in_flight(self) -> None:
        """Report the work in flight; notifications by the scheduler's ticks are frequent enough."""
        with self._lock:
            in_flight = list(self._in_flight)
        if self._keep is None or not in_flight:
            self._kept_at = time.monotonic()
        elif time.monotonic() - self._kept_at >= self._keep_every:
            self._keep(in_flight)
            self._kept_at = time.monotonic()

    def _gather(self) -> None:
        """Wait a moment for more free slots when most of them are in use."""
        until = time.monotonic() + GATHER_LIMIT
        while self._count > GATHER_LEAST and time.monotonic() < until and not self._is_stopping:
            in_flight = len(self._in_flight)
            if not in_flight or self._is_gathered(self._count - in_flight):
                return
            time.sleep(GATHER_STEP)

    def _fill(self) -> None:
        while not self._is_stopping:
            self._gather()
            with self._lock:
                in_flight = list(self._in_flight)
            free = self._count - len(in_flight)
            claimed = self._claim(free, in_flight) if free > 0 else ()
            if not claimed:
                return
            with self._lock:
                self._in_flight.extend(claimed)
            for piece in claimed:
                self._pool.submit(self._work, piece)

    def _work(self, piece: T) -> None:
        try:
            self._do(piece)
        except Exception as error:  # noqa: BLE001  # the row stays claimed until its lease ends, then it is claimed again
            log_fault(error, "a job of the worker pool failed", slots=self.name)
        finally:
            with self._lock:
                self._in_flight.remove(piece)
            self.notify()
