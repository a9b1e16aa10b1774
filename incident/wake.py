"""Wake-ups of the scheduler at a commit: a datagram in the home, or NOTIFY; a lost one costs one sweep."""

import contextlib
import os
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from incident.database_limits import DatabaseLimits

if TYPE_CHECKING:
    from incident.postgres import Connection

FOLDER = "wake"
PATH_LIMIT = 100
"""Bytes of a socket's path that every system takes (108 on Linux, 104 on macOS, with the end mark)."""

LOOK_EVERY = 10.0
"""Seconds after which a connection on which nothing comes must say that it still works."""


class Listener(Protocol):
    """Something that a clock waits on."""

    def wait(self, limit: float) -> bool:
        """Wait for a wake for at most `limit` seconds; return whether one came."""

    def close(self) -> None:
        """Stop listening."""


@contextlib.contextmanager
def _reachable(folder: Path, name: str) -> Iterator[str]:
    """Yield a path to a socket that is short enough, by way of the folder's descriptor when it must be."""
    path = str(folder / name)
    if len(os.fsencode(path)) <= PATH_LIMIT:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{descriptor}/{name}"
    finally:
        os.close(descriptor)


def wake_clocks(home: Path) -> None:
    """Send a datagram to every clock that listens in the home; a socket that nobody reads is removed."""
    folder = home / FOLDER
    # What was committed is committed: when no wake can be sent at all, the sweep finds it.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in folder.glob("*.sock"):
            try:
                with _reachable(folder, path.name) as address:
                    sender.sendto(b"w", address)
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
            except OSError:  # full (it is awake then) or gone: the sweep makes up for it
                continue


class HomeListener:
    """Listens for datagrams in the home; if no socket can be created, as the disk is full, it retries."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self._path = self._folder / f"{os.getpid()}.sock"
        self._socket: socket.socket | None = None
        with contextlib.suppress(OSError):
            self._socket = self._bound()

    def _bound(self) -> socket.socket:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.unlink(missing_ok=True)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            with _reachable(self._folder, self._path.name) as address:
                made.bind(address)
        except OSError:
            made.close()
            raise
        made.setblocking(False)
        return made

    def wait(self, limit: float) -> bool:
        """Wait for a wake for at most `limit` seconds; wakes that came together count as one.

        Raises:
            ConnectionError: when no socket can be made; the next call tries again.
        """
        if self._socket is None:
            try:
                self._socket = self._bound()
            except OSError as error:
                raise ConnectionError(str(error)) from error
        if not select.select([self._socket], [], [], limit)[0]:
            return False
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(64):
                continue
        return True

    def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._socket is not None:
            self._socket.close()
            self._path.unlink(missing_ok=True)


class PostgresListener:
    """Listens for NOTIFY on a connection of its own; connects again when it breaks.

    Args:
        url: of the database, past any pooler that hands connections on after each transaction: they hear nothing.
        channel: what is listened to.
        limits: how long the database may take.
    """

    def __init__(self, url: str, channel: str, limits: DatabaseLimits | None = None) -> None:
        self._url = url
        self._channel = channel
        self._limits = limits or DatabaseLimits()
        self._connection: Connection | None = None
        self._looked_at = 0.0

    def wait(self, limit: float) -> bool:
        """Wait for a wake for at most `limit` seconds.

        Raises:
            ConnectionError: when the database is gone; the next call connects again.
        """
        import psycopg  # the driver need not be there for SQLite

        try:
            connection = self._listening()
            return any(True for _ in connection.notifies(timeout=limit, stop_after=1))
        except psycopg.Error as error:
            self.close()
            raise ConnectionError(str(error)) from error

    def _listening(self) -> "Connection":
        """The connection; now and then it must say that it works, as nothing comes also from one that is dead."""
        from incident.postgres import Connection, parameters_of

        if self._connection is None:
            self._connection = Connection.open(self._limits, **parameters_of(self._url), autocommit=True)
            self._connection.execute(f'LISTEN "{self._channel}"'.encode())
            self._looked_at = time.monotonic()
        elif time.monotonic() - self._looked_at >= LOOK_EVERY:
            self._connection.answer_limit = self._limits.connect
            self._connection.execute(b"SELECT 1")
            self._looked_at = time.monotonic()
        return self._connection

    def close(self) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
