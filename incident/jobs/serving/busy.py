"""Records while all threads of a web worker are busy, so that the watchdog, another process, can notify people."""

import os
import time
from datetime import timedelta
from pathlib import Path

from incident import clock, watchdog_state

NOTED_AFTER = 1.0
"""Time (s) for which all threads must have been busy before it is recorded: shorter periods are ignored."""


class BusyNote:
    """The record of one worker.

    Args:
        home: the folder that the watchdog reads.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._is_noted = False

    def look(self, since: float | None) -> None:
        """Set since when all threads have been busy (monotonic seconds), None when one is free."""
        length = 0.0 if since is None else time.monotonic() - since
        if length >= NOTED_AFTER and not self._is_noted:
            self._is_noted = True
            watchdog_state.note_busy(self._home, os.getpid(), clock.now() - timedelta(seconds=length))
        elif since is None and self._is_noted:
            self._is_noted = False
            watchdog_state.forget_busy(self._home, os.getpid())
