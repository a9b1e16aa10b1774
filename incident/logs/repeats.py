"""Suppresses repeated log lines: the first is written, the others are counted, and the count is reported.

A database that is away or a full disk makes each request and each tick fail in the same way. Without this the log would
bury earlier lines, and fill the remaining disk space.
"""

import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

WINDOW: Final = 300.0
"""Period (s) in which equal lines are written once."""

MOST: Final = 500
"""Limit of remembered lines; beyond it the oldest is reported and forgotten."""


class _Seen:
    """One written line, and the number of its repetitions."""

    def __init__(self, event: str, at: float) -> None:
        self.event = event
        self.at = at
        self.again = 0


class Repeats:
    """A processor of structlog that lets the first of equal lines pass in five minutes, and drops the others.

    Two tracebacks are equal when they come from the same lines of code with the same kind of exception, whatever the
    values in them are; other lines when all that they say is equal.

    Args:
        tell: writes a count: the event, how often it came again, and within how many seconds.
        now: the machine's steady clock, in seconds.
    """

    def __init__(self, tell: Callable[[str, int, float], None], now: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._now = now
        self._begin()
        mine = weakref.ref(self)

        def begin() -> None:
            if (repeats := mine()) is not None:
                repeats._begin()

        os.register_at_fork(after_in_child=begin)

    def _begin(self) -> None:
        """Reset, also after a fork: the parent reports its own counts."""
        self._lock = threading.RLock()
        self._seen: dict[Hashable, _Seen] = {}
        self._thread: threading.Thread | None = None

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Return the line to write.

        Raises:
            structlog.DropEvent: for a line that was written already.
        """
        if "again" in event:
            return event
        key = _key(event)
        self.tell_due()
        with self._lock:
            seen = self._seen.get(key)
            if seen is None:
                self._seen[key] = _Seen(str(event.get("event")), self._now())
            else:
                seen.again += 1
                self._begin_telling()
        if seen is not None:
            raise structlog.DropEvent
        return event

    def tell_due(self) -> None:
        """Report the counts whose period is over."""
        now = self._now()
        with self._lock:
            over = [key for key, seen in list(self._seen.items()) if now - seen.at >= WINDOW]
            over += list(self._seen)[: max(0, len(self._seen) - MOST)]
            ended = [self._seen.pop(key) for key in dict.fromkeys(over)]
        for seen in ended:
            if seen.again:
                self._tell(seen.event, seen.again, now - seen.at)

    def _begin_telling(self) -> None:
        """Report a count in time even if nothing more is ever logged."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._tell_again, name="log-counts", daemon=True)
            self._thread.start()

    def _tell_again(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(WINDOW / 10)
            self.tell_due()
            with self._lock:
                if not any(seen.again for seen in self._seen.values()):
                    self._thread = None
                    return


def _key(event: EventDict) -> Hashable:
    fault = _fault_of(event.get("exc_info"))
    if fault is None:
        said = sorted((name, repr(value)) for name, value in event.items() if name != "exc_info")
        return (event.get("level"), tuple(said))
    return (event.get("level"), event.get("event"), type(fault), _driver_says(fault), *_places(fault.__traceback__))


def _driver_says(fault: BaseException) -> str:
    """Distinguish faults of a database at one line of code: by PostgreSQL's code, or SQLite's sentence."""
    orig = getattr(fault, "orig", None)
    return "" if orig is None else f"{type(orig).__name__} {getattr(orig, 'sqlstate', None) or str(orig)[:60]}"


def _fault_of(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if len(given) > 1 and isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _places(trace: TracebackType | None) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    while trace is not None:
        found.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return found
