"""How a commit wakes the clock: a datagram in the home, or NOTIFY on PostgreSQL; a lost wake costs one sweep."""

import contextlib
import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

FOLDER = "wake"
PATH_LIMIT = 100
"""Bytes of a socket's path that every system takes (108 on Linux, 104 on macOS, with the end mark)."""


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
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
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
    """Listens for datagrams in the home."""

    def __init__(self, home: Path) -> None:
        folder = home / FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / f"{os.getpid()}.sock"
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with _reachable(folder, self._path.name) as address:
            self._socket.bind(address)
        self._socket.setblocking(False)

    def wait(self, limit: float) -> bool:
        """Wait for a wake for at most `limit` seconds; wakes that came together count as one."""
        if not select.select([self._socket], [], [], limit)[0]:
            return False
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(64):
                continue
        return True

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._socket.close()
        self._path.unlink(missing_ok=True)


class PostgresListener:
    """Listens for NOTIFY on a connection of its own; connects again when it breaks."""

    def __init__(self, url: str, channel: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._channel = channel
        self._connection: object | None = None

    def wait(self, limit: float) -> bool:
        """Wait for a wake for at most `limit` seconds.

        Raises:
            ConnectionError: when the database is gone; the next call connects again.
        """
        import psycopg

        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
                self._connection.execute(f'LISTEN "{self._channel}"')
            connection = self._connection
            assert isinstance(connection, psycopg.Connection)  # noqa: S101  # for the type checker
            return any(True for _ in connection.notifies(timeout=limit, stop_after=1))
        except psycopg.Error as error:
            self._connection = None
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # type: ignore[attr-defined]
