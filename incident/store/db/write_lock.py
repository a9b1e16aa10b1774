"""Writers of one SQLite file take turns.

SQLite lets one write at a time and has the others sleep and look again, each with longer pauses: the one that came
first may come last, seconds later. Here the threads of a process queue for a lock, and the processes for a file beside
the database; with 8 writers the slowest hundredth waited 0.1 s, not 0.9 s. Who gives the turn back rings a bell for the
processes that were forked from the same one. The turn is a courtesy and not the safety: that stays with SQLite, so that
a writer that gets no turn in time goes on and finds out by itself.

Who writes much at once and again and again, as the clock does in a storm of timers, gives way to those who came before
it, and those who come later let it go first. Else it is luck who is next, and a request may wait for several batches.
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
"""Seconds that a writer waits for its turn."""

LOOK_EVERY = 0.002
"""Seconds between two looks of one who waits: not everybody can ring, such as a process that was killed."""

PATIENCE = 0.25
"""Seconds that one lets others go first: they may hang, and an order is not worth more."""

_TURN = "incident_turn"


class WriteLock:
    """The turns of the writers of one database file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = -1
        self._process = 0
        self._heard, self._bell = os.pipe()  # the processes that are forked from this one hear each other
        for end in (self._heard, self._bell):
            os.set_blocking(end, False)
        self._ear = select.poll()
        self._own = threading.local()
        self.writers, self.batches = Waiters(f"{path}-writers"), Waiters(f"{path}-batches")
        weakref.finalize(self, _close, self._heard, self._bell)

    def take(self) -> bool:
        """Wait for the turn; return whether there is something to give back."""
        came_at = time.monotonic()
        with self.writers.one_more() as moment:
            if not getattr(self._own, "is_batch", False):
                self._let_go(self.batches, moment)
            if not self._lock.acquire(timeout=LIMIT):
                return False
            try:
                while not self._has_file() and time.monotonic() < came_at + LIMIT:
                    self._listen()
            except OSError:  # the file cannot be made, as the disk is full: SQLite itself says who may write
                self._lock.release()
                return False
        return True

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Let those who wait already have their turn before those that this thread takes in the block."""
        with self.batches.one_more() as moment:
            self._let_go(self.writers, moment)
            self._own.is_batch = True
            try:
                yield
            finally:
                self._own.is_batch = False

    def give_back(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._ring()
        self._lock.release()

    @staticmethod
    def _let_go(others: Waiters, before: int) -> None:
        until = time.monotonic() + PATIENCE
        while others.has_any(before) and time.monotonic() < until:
            time.sleep(LOOK_EVERY)  # the bell is for those whose turn it may be

    def _listen(self) -> None:
        """Wait until somebody has given the turn back, or a little while; all who wait hear it, and look."""
        if self._ear.poll(LOOK_EVERY * 1000):
            with suppress(BlockingIOError):  # another one was quicker
                os.read(self._heard, 4096)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # it is full of rings already
            os.write(self._bell, b".")

    def _has_file(self) -> bool:
        if self._process != os.getpid():  # a file that was open at a fork is the same turn for both
            self._file, self._process = open_for(self, self._path), os.getpid()
            self._ear = select.poll()
            self._ear.register(self._heard, select.POLLIN)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _close(*ends: int) -> None:
    for end in ends:
        os.close(end)


_TURNS: "weakref.WeakKeyDictionary[Engine, WriteLock]" = weakref.WeakKeyDictionary()


def install_release(engine: Engine) -> "WriteLock | None":
    """Have a connection's turn given back when it returns to the pool; None where the database is no file."""
    if not engine.url.database or engine.url.database == ":memory:":
        return None
    turns = WriteLock(f"{engine.url.database}-turn")
    _TURNS[engine] = turns

    @event.listens_for(engine, "checkin")
    def give_back(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_TURN, False):
            turns.give_back()

    return turns


def acquire(turns: "WriteLock | None", connection: Connection) -> None:
    """Wait for the turn of a connection that will write."""
    if turns is not None and not connection.info.get(_TURN):
        connection.info[_TURN] = turns.take()


def yielding(engine: Engine) -> AbstractContextManager[None]:
    """Have this thread's writes in the block come after those who wait already, and before those who come later."""
    turns = lock_of(engine)
    return nullcontext() if turns is None else turns.giving_way()


def lock_of(engine: Engine) -> "WriteLock | None":
    """Return the turns of an engine's writers; None where its database is no file."""
    return _TURNS.get(engine)
