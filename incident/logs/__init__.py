"""Logging that never raises and never stalls: a full disk or a hung terminal loses lines, not service.

Lines go to standard error. Repeated lines are written once and counted (`repeats.py`); lines that cannot be written
are dropped and counted (`streams.py`).
"""

import contextlib
import sys
from typing import Any

import structlog

from incident.logs.repeats import Repeats
from incident.logs.streams import guarded

__all__ = ["configure", "flush", "guard_output"]

AGAIN = "again"
"""Key of a line that reports repetitions: it is never counted itself."""


class _Quiet(structlog.BoundLogger):
    """A logger whose calls never raise, whatever they write and wherever that goes."""

    def _proxy_to_logger(self, method_name: str, event: str | None = None, **event_kw: Any) -> Any:
        with contextlib.suppress(Exception):
            return super()._proxy_to_logger(method_name, event, **event_kw)
        return None


class _Output:
    """Writes each line to what is the error output at that moment."""

    def write(self, line: str) -> None:
        """Write one line; one that cannot be written is lost."""
        stream = sys.stderr
        if stream is not None:
            stream.write(f"{line}\n")
            stream.flush()

    debug = info = warning = error = critical = exception = write


def configure() -> None:
    """Set up logging for people: one line for each event; a traceback shows no local variables, which may be secret."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            Repeats(_tell_count),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=is_terminal, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=_Quiet,
        logger_factory=lambda *_names: _Output(),
    )


def _tell_count(event: str, count: int, seconds: float) -> None:
    again = {AGAIN: count}
    structlog.get_logger().warning("a log line was repeated", what=event, within_s=round(seconds), **again)


def guard_output() -> None:
    """Have standard output and error output of this process, and of what it forks, never raise."""
    sys.stdout, sys.stderr = guarded(sys.stdout), guarded(sys.stderr)


def flush() -> None:
    """Write out what is buffered, as far as that is possible."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
