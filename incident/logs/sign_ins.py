"""The lines about failed sign-ins, which programs such as fail2ban read: each is written, in this form for good."""

import contextlib
import datetime as dt
import sys
from typing import Final

REASONS: Final = frozenset({"password", "waiting", "link"})
"""Why it failed: wrong name or password; it came before the waiting time was over; a link that is none or is used."""


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
    """Return the line: moment, program, address and reason; nothing in it was chosen by who failed."""
    return f"{now:%Y-%m-%dT%H:%M:%SZ} incident: sign-in failed from {address or 'unknown'} ({reason})\n"
