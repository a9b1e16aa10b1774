"""The terminal in which a process was started: when it is closed, SIGHUP means stop instead of reload."""

import contextlib
import os


class Terminal:
    """The standard input at the start of a process, if it is a terminal."""

    def __init__(self) -> None:
        self._was_there = _is_there()

    def has_gone(self) -> bool:
        """Whether the terminal existed and is gone: the window was closed, or the connection is cut."""
        return self._was_there and not _is_there()


def _is_there() -> bool:
    with contextlib.suppress(OSError):
        os.tcgetpgrp(0)
        return True
    return False
