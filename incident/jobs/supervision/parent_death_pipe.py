"""Ends processes whose parent is gone, kill -9 included: a pipe whose write end only the parent holds."""

import os
import signal
import threading


class ParentDeathPipe:
    """A pipe; when the last holder of its write end is gone, the watching processes end."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    @property
    def ends(self) -> tuple[int, int]:
        """The descriptors for reading and for writing, in the parent."""
        return self._read, self._write

    def watch(self) -> None:
        """In a child: close the write end, and end this process at once when the parent is gone."""
        os.close(self._write)
        threading.Thread(target=self._end_with_parent, name="lifeline", daemon=True).start()

    def _end_with_parent(self) -> None:
        while True:
            try:
                if not os.read(self._read, 1):
                    break
            except InterruptedError:
                continue
            except OSError:
                break
        os.kill(os.getpid(), signal.SIGKILL)
