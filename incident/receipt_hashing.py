"""Slow hashing of receipts (Argon2id, RFC 9106), at few places at a time on a node."""

import fcntl
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from argon2.low_level import Type, hash_secret_raw

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
HASH_BYTES: Final = 32
SALT_BYTES: Final = 16
PLACES: Final = 2
"""How many hashes are computed at the same time on one node."""

LOOK_UP_PLACES: Final = 1
"""How many of them may be look-ups, so that a flood of guesses leaves a place to those who submit."""

WAIT_LIMIT: Final = 2.0
"""Seconds that a request waits for a place."""

POLL: Final = 0.004
"""Seconds between two attempts to get a place: a killed process cannot signal its release."""


class HashingBusy(Exception):
    """No place became free in time."""


class ReceiptHasher:
    """Computes hashes of receipts; created before the processes are forked, which share its places.

    A place is a locked byte of a file without a name: the system releases it when its process is killed.

    Args:
        wait_limit: seconds that a request waits for a place.
    """

    def __init__(self, wait_limit: float = WAIT_LIMIT) -> None:
        self.wait_limit = wait_limit
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as this process
        self._taken: set[int] = set()
        self._lock = threading.Lock()

    def hash(self, receipt: str, salt: bytes, *, is_look_up: bool = False) -> bytes:
        """Return the hash of the digits of a receipt, a new one or one that is looked up; raises HashingBusy."""
        with self.place(is_look_up=is_look_up):
            return hash_secret_raw(receipt.encode(), salt, PASSES, MEMORY_KIB, LANES, HASH_BYTES, Type.ID)

    @contextmanager
    def place(self, *, is_look_up: bool = False) -> Iterator[None]:
        """Hold one of the places, a look-up only one of the first; raises HashingBusy."""
        until = time.monotonic() + self.wait_limit
        places = range(LOOK_UP_PLACES) if is_look_up else range(PLACES - 1, -1, -1)
        while (number := self._take(places)) is None:
            if time.monotonic() >= until:
                raise HashingBusy
            time.sleep(POLL)
        try:
            yield
        finally:
            with self._lock:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
                self._taken.discard(number)

    def _take(self, places: Iterable[int]) -> int | None:
        """Take one of these places that no thread of any process holds; None when there is none."""
        with self._lock:
            for number in places:
                if number in self._taken:
                    continue
                try:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
                except OSError:
                    continue
                self._taken.add(number)
                return number
        return None
