"""Group commit: one transaction writes everything that threads submitted during the last one."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

GATHER_LEAST = 16
GATHER_LIMIT = 0.02
"""The writer waits this long (s) for this many items, as long as more are in progress."""
GATHER_STEP = 0.002


@dataclass
class _Item(Generic[T]):
    what: T
    is_written: bool = False


class GroupCommit(Generic[T]):
    """Collects items; the thread that writes takes the items of the others along.

    Args:
        write: writes some items, all of them or none; each is passed again alone when they cannot go together.
        in_hand: returns how many items are in progress or submitted.
    """

    def __init__(self, write: Callable[[Sequence[T]], None], in_hand: Callable[[], int] = lambda: 0) -> None:
        self._write = write
        self._in_hand = in_hand
        self._waiting: list[_Item[T]] = []
        self._is_waiting = threading.Lock()
        self._is_writing = threading.Lock()

    def submit(self, what: T) -> None:
        """Return when the item has been written, by this thread or by another.

        Raises:
            Exception: whatever `write` raises for this item alone.
        """
        own_item = _Item(what)
        with self._is_waiting:
            self._waiting.append(own_item)
        with self._is_writing:
            if not own_item.is_written:
                self._gather()
                self._write_with(own_item)

    def _gather(self) -> None:
        until = time.monotonic() + GATHER_LIMIT
        while len(self._waiting) < min(GATHER_LEAST, self._in_hand()) and time.monotonic() < until:
            time.sleep(GATHER_STEP)

    def _write_with(self, own_item: _Item[T]) -> None:
        with self._is_waiting:
            taken, self._waiting = self._waiting, []
        others = [item for item in taken if item is not own_item]
        if others:
            try:
                self._write([item.what for item in (own_item, *others)])
            except Exception:  # noqa: BLE001  # one of them is at fault: each is written alone and meets its own fault
                self._write([own_item.what])
                return
            for item in others:
                item.is_written = True
            return
        self._write([own_item.what])
