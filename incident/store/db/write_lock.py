"""Fair write lock for the writers of one SQLite file.

SQLite allows one writer at a time and has the others sleep and retry with growing pauses: the first to wait may be the
last to write, seconds later. Here the threads of a process queue for a lock, and the processes for a file beside the
database. Measured for 4 s (`make bench ARGS=--pieces`): of 8 processes each wrote 148 to 193 times and waited 0.2 s at
most; with SQLite alone one wrote once and another 1,427 times, and the longest wait was 4.1 s. A release wakes the
processes that were forked from the same parent through a pipe. The lock provides fairness, not safety: SQLite itself
provides that, so a writer that does not get the lock in time goes on and SQLite decides.

A thread that writes large batches repeatedly, as the scheduler does in a storm of timers, yields to earlier waiters,
and later ones let it write first. Otherwise the order is random, and a request may wait for several batches: 1.5 times
as long at the 99th percentile, also with smaller batches (decision 2).
"""

import fcntl
import os
import select
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from incident.store.db.waiters import Waiters, open_for

LIMIT = 10.0
"""Seconds that a writer waits for the lock."""

POLL_EVERY = 0.002
"""Poll interval (s) while waiting for the lock: a killed process cannot signal its release."""

YIELD_LIMIT = 0.25
"""Seconds that a writer yields to others: they may hang, and fairness is not worth more."""

_HOLDS = "incident_write_lock"
_HELD_SINCE = "incident_write_lock_since"


class WriteLock:
    """The write lock of one database file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = -1
        self._process = 0
        self._wakeup_read, self._wakeup_write = os.pipe()  # processes forked from this one share the pipe
        for end in (self._wakeup_read, self._wakeup_write):
            os.set_blocking(end, False)
        self._poller = select.poll()
        self._own = threading.local()
        self.writers, self.batches = Waiters(f"{path}-writers"), Waiters(f"{path}-batches")
        weakref.finalize(self, _close, self._wakeup_read, self._wakeup_write)

    def acquire(self) -> bool:
        """Wait for the lock; return whether it was acquired and must be released."""
        began_at = time.monotonic()
        with self.writers.register() as moment:
            if not getattr(self._own, "is_batch", False):
                self._wait_for(self.batches, moment)
            if not self._lock.acquire(timeout=LIMIT):
                return False
            try:
                while not self._has_file() and time.monotonic() < began_at + LIMIT:
                    self._wait_for_release()
            except OSError:  # the file cannot be created, as on a full disk: SQLite itself decides who writes
                self._lock.release()
                return False
        return True

    @contextmanager
    def yielding(self) -> Iterator[None]:
        """Let present waiters write before the writes of this thread in the block."""
        with self.batches.register() as moment:
            self._wait_for(self.writers, moment)
            self._own.is_batch = True
            try:
                yield
            finally:
                self._own.is_batch = False

    def release(self) -> None:
        """Release the lock for the next writer."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._notify()
        self._lock.release()

    @staticmethod
    def _wait_for(others: Waiters, before: int) -> None:
        until = time.monotonic() + YIELD_LIMIT
        while others.any_before(before) and time.monotonic() < until:
            time.sleep(POLL_EVERY)  # the pipe is for the waiters whose turn it may be

    def _wait_for_release(self) -> None:
        """Wait for a release, or for the poll interval; every waiter is woken and retries."""
        if self._poller.poll(POLL_EVERY * 1000):
            with suppress(BlockingIOError):  # another waiter was quicker
                os.read(self._wakeup_read, 4096)

    def _notify(self) -> None:
        with suppress(BlockingIOError):  # the pipe is already full
            os.write(self._wakeup_write, b".")

    def _has_file(self) -> bool:
        if self._process != os.getpid():  # a file that was open at a fork shares its lock with the child
            self._file, self._process = open_for(self, self._path), os.getpid()
            self._poller = select.poll()
            self._poller.register(self._wakeup_read, select.POLLIN)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _close(*ends: int) -> None:
    for end in ends:
        os.close(end)


_LOCKS: "weakref.WeakKeyDictionary[Engine, WriteLock]" = weakref.WeakKeyDictionary()


def install_release(engine: Engine) -> "WriteLock | None":
    """Release the lock of a connection when it returns to the pool; None where the database is not a file."""
    if not engine.url.database or engine.url.database == ":memory:":
        return None
    lock = WriteLock(f"{engine.url.database}-turn")
    _LOCKS[engine] = lock

    @event.listens_for(engine, "checkin")
    def release(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_HOLDS, False):
            lock.release()

    return lock


def acquire(lock: "WriteLock | None", connection: Connection) -> None:
    """Acquire the lock for a connection that will write."""
    if lock is not None and not connection.info.get(_HOLDS):
        connection.info[_HOLDS] = lock.acquire()
        connection.info[_HELD_SINCE] = time.monotonic()


def seconds_held(connection: Connection) -> float:
    """Return for how long a connection has had the lock (s); 0 without one."""
    return time.monotonic() - connection.info[_HELD_SINCE] if connection.info.get(_HOLDS) else 0.0


def yielding(engine: Engine) -> AbstractContextManager[None]:
    """Make this thread's writes in the block yield to present waiters, and precede later ones."""
    lock = lock_of(engine)
    return nullcontext() if lock is None else lock.yielding()


def lock_of(engine: Engine) -> "WriteLock | None":
    """Return the write lock of an engine; None where its database is not a file."""
    return _LOCKS.get(engine)
