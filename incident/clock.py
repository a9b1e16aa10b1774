"""The only module that reads the time: the machine's own, or that of a database which several machines share."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from contextlib import suppress

Ask = Callable[[], dt.datetime | None]
"""Returns the present time of a database (UTC), or None when it does not answer."""

MEASURE_EVERY = 4.0
"""Interval (s) of measurements in a process that is kept current: with a slow answer they stay below 10."""

GOOD_ANSWER = 0.05
"""Round trip (s) up to which the first measurement is not repeated."""

RETRY_AFTER = 1.0
"""Seconds after a measurement that failed before `now` tries again in a process that has never measured."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where there is such a clock; nobody can set it."""


class SharedClock:
    """The time of a database: an offset to the steady clock of this machine, which nobody can set.

    Between two measurements the machine's own time may be set, and nothing is noticed here. A measurement tells that
    the offset lies within a range, as wide as the answer took; the offset is moved as little as that range demands,
    so that the time does not run back and forth.

    Args:
        ask: asks the database.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._offset: float | None = None
        self._failed_at = float("-inf")

    def now(self) -> dt.datetime:
        """Return the time of the database; the machine's own as long as the database has never answered."""
        if self._offset is None and _steady() - self._failed_at >= RETRY_AFTER:
            self.measure()
        offset = self._offset
        return machine() if offset is None else _EPOCH + dt.timedelta(seconds=offset + _steady())

    def measure(self) -> bool:
        """Measure the offset; return whether the database answered."""
        for _ in range(3 if self._offset is None else 1):
            began = _steady()
            moment = self._ask()
            ended = _steady()
            if moment is None:
                self._failed_at = ended
                return False
            seconds = (moment - _EPOCH).total_seconds()
            self._narrow(seconds - ended, seconds - began)
            if ended - began <= GOOD_ANSWER:
                break
        return True

    def _narrow(self, least: float, most: float) -> None:
        middle = (least + most) / 2
        self._offset = min(max(middle if self._offset is None else self._offset, least), most)


class _Process:
    """What the clock of this process follows."""

    shared: SharedClock | None = None
    keeper: threading.Thread | None = None


def machine() -> dt.datetime:
    """Return the time of the machine, aware, in UTC; decisions use `now` instead."""
    return dt.datetime.now(dt.UTC)


def now() -> dt.datetime:
    """Return this moment, aware, in UTC: by the database that is followed, else by the machine."""
    shared = _Process.shared
    return machine() if shared is None else shared.now()


def follow(ask: Ask | None) -> None:
    """Go by the time of a database from now on, or by the machine's own (None).

    Args:
        ask: asks the database; it is called in whatever thread measures.
    """
    _Process.shared = None if ask is None else SharedClock(ask)


def measure() -> bool:
    """Measure the offset to the database that is followed; return whether the time can be relied on."""
    shared = _Process.shared
    return shared is None or shared.measure()


def off_by() -> float | None:
    """Return by how many seconds the machine's time is ahead of the database's; None when it follows none."""
    shared = _Process.shared
    return None if shared is None else (machine() - shared.now()).total_seconds()


def keep_measured() -> None:
    """Measure again and again, in a thread of this process; to be called after the fork."""
    if _Process.shared is not None and (_Process.keeper is None or not _Process.keeper.is_alive()):
        _Process.keeper = threading.Thread(target=_keep, args=(_Process.shared,), name="clock", daemon=True)
        _Process.keeper.start()


def _keep(shared: SharedClock) -> None:
    while _Process.shared is shared:
        with suppress(Exception):  # whatever is wrong with the database, the next measurement comes
            shared.measure()
        time.sleep(MEASURE_EVERY)


def _steady() -> float:
    return time.clock_gettime(_STEADY)
