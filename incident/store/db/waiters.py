"""Who waits, and since when, for all processes to see: each has a lock on the byte of its moment in one file.

The locks are POSIX's: they are the process's own and end with it, so that nobody waits for one who was killed. No byte
is ever written. A lock that is lost, as all of a file's are when their process closes it once, costs an order and no
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
    """Those who wait for one thing, in threads and processes.

    Args:
        path: the file; it is made when somebody waits.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()
        self._moments: list[int] = []
        self._file = -1
        self._process = 0

    @contextmanager
    def one_more(self) -> Iterator[int]:
        """Wait for as long as the block runs; since when is given in nanoseconds of the machine's steady clock."""
        with self._lock:
            with suppress(OSError):  # where no file can be made, as the disk is full, threads alone see each other
                self._open()
            moment = time.monotonic_ns()  # of the machine, and so the same for all processes
            self._moments.append(moment)
            with suppress(OSError):  # somebody looks at all bytes up to one a little further on
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, moment)
        try:
            yield moment
        finally:
            with self._lock:
                self._moments.remove(moment)
                with suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, moment)

    def has_any(self, before: int) -> bool:
        """Return whether anybody has waited since before a moment, in nanoseconds of the same clock."""
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
        if self._process != os.getpid():  # those who waited at a fork are the parent's
            self._file, self._moments, self._process = -1, [], os.getpid()
        if self._file < 0:
            self._file = open_for(self, self._path)


def open_for(owner: object, path: str) -> int:
    """Open a file to be locked, and return its descriptor; it is closed when its owner goes."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    weakref.finalize(owner, os.close, file)
    return file
