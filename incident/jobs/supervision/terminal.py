"""The terminal in which a process was started: when that is closed, SIGHUP means the end and not a reload."""

import contextlib
import os


class Terminal:
    """The standard input at the start of a process, when somebody sits at it."""

    def __init__(self) -> None:
        self._was_there = _is_there()

    def has_gone(self) -> bool:
        """Whether somebody sat there and does no more: the window was closed, or the connection is cut."""
        return self._was_there and not _is_there()


def _is_there() -> bool:
    with contextlib.suppress(OSError):
        os.tcgetpgrp(0)
        return True
    return False
