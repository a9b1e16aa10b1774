"""Buckets shared by the forked processes of one node: each change is made by one of them at a time."""

import fcntl
import hashlib
import mmap
import struct
import tempfile
import threading
from typing import Generic, Protocol, TypeVar

CELLS = 1 << 12
"""Number of buckets. Two keys with one bucket share it, without a random start: there are few senders."""

_CELL = struct.Struct("=dd")


class BucketRate(Protocol):
    """The capacity of a bucket, and how it fills."""

    @property
    def burst(self) -> int:
        """How many tokens fit."""

    def take(self, tokens: float, passed: float, count: int) -> tuple[float, float]:
        """Return the tokens that are left after some were taken, and the seconds after which to try again."""


R = TypeVar("R", bound=BucketRate)


class SharedBuckets(Generic[R]):
    """Buckets by key, all full at first; created before the processes are forked.

    The lock is the system's on a file without a name: it is released when its process is killed.

    Args:
        rate: the capacity and refill of each bucket.
        cells: the number of buckets.
    """

    def __init__(self, rate: R, cells: int = CELLS) -> None:
        self.rate = rate
        self._cells = cells
        self._memory = mmap.mmap(-1, cells * _CELL.size)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as this process
        self._lock = threading.Lock()

    def take(self, key: str, count: int, now: float) -> float:
        """Take tokens; return 0 when they were there, else after how many seconds to try again.

        Args:
            key: whose bucket.
            count: how many.
            now: a moment that all processes share (monotonic seconds).
        """
        digest = hashlib.blake2b(key.encode(), digest_size=4).digest()
        place = int.from_bytes(digest, "little") % self._cells * _CELL.size
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                used, filled_at = _CELL.unpack_from(self._memory, place)
                passed = now - filled_at
                tokens, wait = self.rate.take(self.rate.burst - used, passed, count)
                _CELL.pack_into(self._memory, place, self.rate.burst - tokens, now)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
        return wait
