"""Waiters of a lock, visible to all processes: each locks the byte of its arrival time in one file.

The locks are POSIX locks: they belong to the process and end with it, so that nobody waits for a killed process. No
byte is ever written. A lost lock, such as all of a file's when their process closes it once, affects fairness but not
safety.
"""

import errno
import fcntl
import os
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock


class Waiters:
    """The waiters of one lock, in threads and processes.

    Args:
        path: the file; it is created with the first waiter.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()
        self._moments: list[int] = []
        self._file = -1
        self._process = 0

    @contextmanager
    def register(self) -> Iterator[int]:
        """Register a waiter for the duration of the block; yields its arrival in nanoseconds of the monotonic clock."""
        with self._lock:
            with suppress(OSError):  # where no file can be created, as on a full disk, only threads see each other
                self._open()
            moment = time.monotonic_ns()  # of the machine, and so the same for all processes
            self._moments.append(moment)
            with suppress(OSError):  # another process is checking all bytes up to a later one
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, moment)
        try:
            yield moment
        finally:
            with self._lock:
                self._moments.remove(moment)
                with suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, moment)

    def any_before(self, before: int) -> bool:
        """Whether anybody has waited since before a moment, in nanoseconds of the same clock."""
        with self._lock:
            with suppress(OSError):
                self._open()
            if any(moment < before for moment in self._moments):
                return True
            try:
                fcntl.lockf(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB, before, 0)
            except OSError as error:
                return error.errno in {errno.EACCES, errno.EAGAIN}
            fcntl.lockf(self._file, fcntl.LOCK_UN, before, 0)
            return False

    def _open(self) -> None:
        if self._process != os.getpid():  # waiters at a fork belong to the parent
            self._file, self._moments, self._process = -1, [], os.getpid()
        if self._file < 0:
            self._file = open_for(self, self._path)


def open_for(owner: object, path: str) -> int:
    """Open a file for locking, and return its descriptor; it is closed when its owner is collected."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    weakref.finalize(owner, os.close, file)
    return file
