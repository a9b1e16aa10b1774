"""Hashing of passwords with Argon2id, with limits on concurrency and waiting."""

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from incident.core.values.faults import RuleError
from incident.store.db.database import db

WAIT_LIMIT: Final = 2.0
"""Seconds that a request waits for one of the places at which hashes are computed."""

_hasher = PasswordHasher()
_hashing = BoundedSemaphore(2)
"""Argon2 takes 64 MiB a hash: the number of concurrent hashes is limited."""

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$Yi4p2OlG9uufEdVKPvn5zA$TXYHkRJXjqnz3jSXOQiJ0blHtPucPZNhD+c7h/v+6XY"
"""The hash of a discarded password: checked for an unknown sign-in name, so that both take equally long."""


class _Place:
    """One of the places at which hashes are computed; raises RuleError `hashing.busy` when none is free in time."""

    def __enter__(self) -> None:
        if not _hashing.acquire(timeout=WAIT_LIMIT):
            raise RuleError("hashing.busy", kind="unavailable")

    def __exit__(self, *_error: object) -> None:
        _hashing.release()


def hash_password(password: str) -> str:
    """Hash a password, without an open transaction.

    Raises:
        RuleError: `hashing.busy` (unavailable).
    """
    db.session.rollback()
    with _Place():
        return _hasher.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Whether a stored hash is of this password; without a hash it takes as long and is False.

    Raises:
        RuleError: `hashing.busy` (unavailable).
    """
    db.session.rollback()
    with _Place():
        try:
            _hasher.verify(kept or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than the present ones."""
    return _hasher.check_needs_rehash(kept)
