"""Heartbeats of processes: each child increments a number that its parent sees, as long as it works.

A process that is stopped, or whose interpreter hangs in a library, can neither end itself nor be detected by `wait`:
only its unchanged number reveals it.
"""

import mmap
from collections.abc import Callable
from dataclasses import dataclass

WIDTH = 4
NUMBERS = 1 << (8 * WIDTH)


@dataclass(frozen=True)
class StallTimeout:
    """Interval (s) of checks of heartbeats, and how many checks in a row may find one unchanged."""

    look_every: float = 5.0
    looks: int = 6


@dataclass
class _Felt:
    number: int
    stood_still: int = 0


class ProcessHeartbeats:
    """The heartbeats of some children, in memory that they share with their parent.

    Args:
        names: of the children; created before they are forked.
        stall_timeout: how long a heartbeat may be unchanged.
    """

    def __init__(self, names: list[str], stall_timeout: StallTimeout) -> None:
        self.stall_timeout = stall_timeout
        self._places = {name: WIDTH * place for place, name in enumerate(names)}
        self._numbers = mmap.mmap(-1, WIDTH * max(1, len(names)))
        self._felt = {name: _Felt(0) for name in names}

    def begin(self, name: str) -> None:
        """In the parent, before a child is forked: reset its heartbeat."""
        self._write(name, 0)
        self._felt[name] = _Felt(0)

    def beat_of(self, name: str) -> Callable[[], None]:
        """In a child: return the function to call repeatedly."""
        return lambda: self._write(name, self._read(name) % (NUMBERS - 1) + 1)

    def is_stalled(self, name: str) -> bool:
        """In the parent, at each check: whether a child's heartbeat has stopped; a child may have none at all."""
        felt, number = self._felt[name], self._read(name)
        felt.stood_still = felt.stood_still + 1 if number == felt.number and number else 0
        felt.number = number
        return felt.stood_still >= self.stall_timeout.looks

    def _read(self, name: str) -> int:
        place = self._places[name]
        return int.from_bytes(self._numbers[place : place + WIDTH], "little")

    def _write(self, name: str, number: int) -> None:
        place = self._places[name]
        self._numbers[place : place + WIDTH] = number.to_bytes(WIDTH, "little")
