"""Counts shared by the forked processes of one node, in mapped memory without locks.

Each process has a row that it alone writes, so that the counts of a killed process vanish when its row is reused.
"""

import hashlib
import mmap
import secrets
import threading

CELLS = 1 << 14
"""Cells of a row. Two keys in one cell are counted together; each start distributes them at random."""

MAX_CELL = 0xFFFF


class SharedCounts:
    """How often each key is in use on this node.

    Args:
        rows: the number of processes that count at the same time; made before they are forked.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._counts = memoryview(mmap.mmap(-1, rows * CELLS * 2)).cast("H")
        self._salt = secrets.token_bytes(16)
        self._row = 0
        self._lock = threading.Lock()

    def use_row(self, row: int) -> None:
        """In a process that was forked: count in this row from now on, and begin at nothing."""
        self._row = row % self._rows
        begin = self._row * CELLS
        self._counts[begin : begin + CELLS] = memoryview(bytes(CELLS * 2)).cast("H")

    def count(self, key: str) -> int:
        """Return how often a key is in use on the whole node."""
        return sum(self._counts[self._cell(key) :: CELLS])

    def add(self, key: str, limit: int | None = None) -> bool:
        """Count one use more; returns False, and counts nothing, when there are `limit` already (None: no limit)."""
        if limit is not None and self.count(key) >= limit:
            return False
        place = self._row * CELLS + self._cell(key)
        with self._lock:
            self._counts[place] = min(self._counts[place] + 1, MAX_CELL)
        return True

    def remove(self, key: str) -> None:
        """Count one use less."""
        place = self._row * CELLS + self._cell(key)
        with self._lock:
            self._counts[place] = max(self._counts[place] - 1, 0)

    def _cell(self, key: str) -> int:
        digest = hashlib.blake2b(key.encode(), digest_size=4, key=self._salt).digest()
        return int.from_bytes(digest, "little") % CELLS
