"""Signals to wait for: a loop handles them one after the other, and no handler interrupts it."""

import contextlib
import os
import select
import signal
from collections.abc import Iterator, Sequence
from types import FrameType


def _note(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: Python writes the number into the pipe."""


class Signals:
    """Some signals of this process, received in its main thread.

    Args:
        numbers: the signals.
    """

    def __init__(self, numbers: Sequence[signal.Signals]) -> None:
        self._numbers = tuple(numbers)
        self._read = self._write = -1

    def begin(self) -> None:
        """Receive the signals from now on."""
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in self._numbers:
            signal.signal(number, _note)
        self.let_through()

    def wait(self, limit: float) -> set[int]:
        """Wait for a signal for at most `limit` seconds; return those that came."""
        if not select.select([self._read], [], [], max(0.0, limit))[0]:
            return set()
        received: set[int] = set()
        with contextlib.suppress(BlockingIOError):
            while numbers := os.read(self._read, 512):
                received.update(numbers)
        return received

    @contextlib.contextmanager
    def held_back(self) -> Iterator[None]:
        """Block the signals while the block runs, such as around a fork."""
        self.hold_back()
        try:
            yield
        finally:
            self.let_through()

    def hold_back(self) -> None:
        """Block the signals until they are released, also in a new image of this process."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)

    def let_through(self) -> None:
        """Release the signals, including those that have waited."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._numbers)

    def leave(self) -> None:
        """In a child: restore the default action of the signals."""
        signal.set_wakeup_fd(-1)
        for number in self._numbers:
            signal.signal(number, signal.SIG_DFL)
        os.close(self._read)
        os.close(self._write)
