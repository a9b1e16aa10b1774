"""Classifies database exceptions that concern everybody: full, damaged, read-only, or unavailable."""

import errno
from typing import Any, Final, Literal

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

Outage = Literal["full", "damaged", "read_only", "away"]

_BY_SQLSTATE: Final[dict[str, Outage]] = {
    "25006": "read_only",
    "53100": "full",
    "58030": "away",
    "XX001": "damaged",
    "XX002": "damaged",
}
"""PostgreSQL, appendix A: codes that SQLAlchemy does not classify as operational."""

_BY_SENTENCE: Final[tuple[tuple[str, Outage], ...]] = (
    ("database or disk is full", "full"),
    ("database disk image is malformed", "damaged"),
    ("malformed database schema", "damaged"),
    ("file is not a database", "damaged"),
    ("attempt to write a readonly database", "read_only"),
)
"""SQLite's messages for SQLITE_FULL, SQLITE_CORRUPT, SQLITE_NOTADB and SQLITE_READONLY.

See https://sqlite.org/rescode.html.
"""

_BY_ERRNO: Final[dict[int, Outage]] = {errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EROFS: "read_only"}


def outage_of(error: BaseException) -> Outage | None:
    """Return the outage, None when the error concerns one statement only or no database."""
    if isinstance(error, NoneFree):
        return "away"
    if isinstance(error, DBAPIError):
        return _of_driver(error)
    if isinstance(error, OSError):
        return _BY_ERRNO.get(error.errno or 0)
    return _BY_SQLSTATE.get(getattr(error, "sqlstate", None) or "")  # of the driver itself, as COPY raises it


def _of_driver(error: DBAPIError) -> Outage | None:
    orig: Any = error.orig
    known = _BY_SQLSTATE.get(getattr(orig, "sqlstate", None) or "")
    if known is not None:
        return known
    if getattr(orig, "sqlstate", None) is None:  # SQLite, or a fault of the connection
        said = str(orig)
        for sentence, outage in _BY_SENTENCE:
            if said.startswith(sentence):
                return outage
    is_gone = error.connection_invalidated  # the server ends an idle transaction with an internal error
    return "away" if is_gone or isinstance(error, OperationalError | InterfaceError) else None


def driver_words(error: BaseException) -> str:
    """Return the driver's or system's message in one line, without statement and parameters, which may be secret."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return f"{type(error).__name__}: {said.strip().splitlines()[0] if said.strip() else ''}"[:300]
