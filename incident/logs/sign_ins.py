"""Log lines of failed sign-ins for programs such as fail2ban: each is written, in a stable format."""

import contextlib
import datetime as dt
import sys
from typing import Final

REASONS: Final = frozenset({"password", "waiting", "link"})
"""The reason: wrong name or password; before the end of the waiting time; an invalid or used link."""


def write_failed_sign_in(address: str, reason: str, now: dt.datetime) -> None:
    """Write the line of one failed sign-in; one that cannot be written is lost.

    Args:
        address: of the client.
        reason: one of `REASONS`.
        now: when (UTC).
    """
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(line_of(address, reason, now))
        sys.stderr.flush()


def line_of(address: str, reason: str, now: dt.datetime) -> str:
    """Return the line: moment, program, address and reason; the client controls no part of it."""
    return f"{now:%Y-%m-%dT%H:%M:%SZ} incident: sign-in failed from {address or 'unknown'} ({reason})\n"
