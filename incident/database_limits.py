"""How long PostgreSQL may take, and how many connections a process may have, as settings."""

from collections.abc import Callable
from dataclasses import dataclass, fields

MAX_SECONDS = 3600
LEAST = {"connect": 2}
"""What libpq takes as the shortest; one second for the others."""


@dataclass(frozen=True, kw_only=True)
class DatabaseLimits:
    """How long PostgreSQL may take, in whole seconds: see the table in docs/operations.md."""

    connect: int = 3
    keepalive: int = 10
    tcp_user: int = 10
    lock: int = 8
    statement: int = 10
    idle_in_transaction: int = 15
    answer: int = 12


def setting_of(limit: str) -> str:
    """Return the environment variable of a limit."""
    return f"INCIDENT_DATABASE_{limit.upper()}_TIMEOUT"


def read_limits(text: Callable[[str, str], str], fault: Callable[[str, str, str], None]) -> DatabaseLimits:
    """Read the limits; what waits for something else must be allowed to wait longer than that.

    Args:
        text: returns the value of an environment variable, or the default.
        fault: takes a fault: the variable, what is wrong with it, what to do.
    """
    found = vars(DatabaseLimits()).copy()
    for one in fields(DatabaseLimits):
        given, least = text(setting_of(one.name), str(found[one.name])), LEAST.get(one.name, 1)
        if given.isascii() and given.isdigit() and len(given) <= 4 and least <= int(given) <= MAX_SECONDS:
            found[one.name] = int(given)
        else:
            what = f"is {given[:20]!r}"
            fault(setting_of(one.name), what, f"Write whole seconds, from {least} to {MAX_SECONDS}.")
    for shorter, longer in (("lock", "statement"), ("statement", "answer")):
        if found[shorter] >= found[longer]:
            what = f"is {found[shorter]} s, not less than {setting_of(longer)} ({found[longer]} s)"
            hint = "Locks wait for less time than statements, and those for less than our own limit."
            fault(setting_of(shorter), what, hint)
    return DatabaseLimits(**found)


POOL_SIZE = 6
"""Connections of a process; what waits on the outside holds none, and what is written waits for one chain anyway."""

MAX_POOL = 100


def read_pool_size(text: Callable[[str, str], str], fault: Callable[[str, str, str], None]) -> int:
    """Read how many connections a process may have; see `read_limits`."""
    name = "INCIDENT_DATABASE_POOL_SIZE"
    given = text(name, str(POOL_SIZE))
    if given.isascii() and given.isdigit() and len(given) <= 3 and 2 <= int(given) <= MAX_POOL:
        return int(given)
    fault(name, f"is {given[:20]!r}", f"Write a whole number, from 2 to {MAX_POOL}.")
    return POOL_SIZE
