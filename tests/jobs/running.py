"""A scheduler that runs in a thread of the test."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from incident import clock
from incident.app import listening, tools_of
from incident.jobs.scheduling.scheduler import Clock
from incident.wake import Listener
from tests.world import World


class Deaf:
    """A listener that hears no wake: each of them is lost."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def wait(self, limit: float) -> bool:
        """Hear nothing for a while."""
        self._closed.wait(limit)
        return False

    def close(self) -> None:
        """Stop."""
        self._closed.set()


class Running:
    """A scheduler and its thread; `fault` is the exception that ended it."""

    def __init__(self, world: World, listener: Listener | None, now: Callable[[], datetime]) -> None:
        heard = listener or listening(world.settings)()
        self.clock = Clock(world.app, tools_of(world.app), heard, now)
        self.fault: Exception | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.clock.run()
        except RuntimeError as fault:
            self.fault = fault

    def ended(self, limit: float) -> Exception | None:
        """Wait until the scheduler ends on its own, and return the exception."""
        self.thread.join(limit)
        assert not self.thread.is_alive(), f"the clock still runs after {limit} s"
        return self.fault


@contextmanager
def running(
    world: World, listener: Listener | None = None, now: Callable[[], datetime] = clock.now
) -> Iterator[Running]:
    """A clock on the world's database for as long as the block runs."""
    started = Running(world, listener, now)
    started.thread.start()
    try:
        yield started
    finally:
        started.clock.stop()
        started.thread.join(15)
        assert not started.thread.is_alive()


def until(is_so: Callable[[], object], limit: float = 10.0) -> float:
    """Wait until something is so, and return how many seconds it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < limit, f"not within {limit} s"
        time.sleep(0.01)
    return time.monotonic() - began
