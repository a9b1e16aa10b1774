"""Throttling of sign-in attempts, public reports and receipts."""

import datetime as dt
from typing import NamedTuple

from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.store.directory import people, sign_in_failures, sign_in_tries

MINUTE = 60


class TryKeys(NamedTuple):
    """Keyed hashes under which a sign-in attempt counts: of name and origin, and of the name alone.

    `address` is the client's, which is stored in the journal only, when the attempt has failed.
    """

    place: str
    login: str
    address: str = ""


def count_sign_in(keys: TryKeys, person_id: int | None, now: dt.datetime) -> None:
    """Count a sign-in attempt, before its password is evaluated.

    Args:
        keys: its keys.
        person_id: the owner of the sign-in name, None when it is nobody's.
        now: when (UTC).

    Raises:
        RuleError: `sign_in.too_soon`, `sign_in.too_often` (forbidden), with `retry_after` in seconds.
    """
    with transaction("public", now):
        wait = sign_in_tries.count_try(keys.place, keys.login, person_id, now)
    if wait is not None:
        raise too_often(wait)


def note_failure(address: str, person_id: int | None, now: dt.datetime) -> None:
    """Record a failed sign-in in the journal: one an hour for each person, one for all unknown names.

    An unknown name is not stored: it may be a password that was typed into the wrong field.

    Args:
        address: of the client.
        person_id: whose password was wrong, None when the name is nobody's.
        now: when (UTC).
    """
    subject = sign_in_failures.UNKNOWN if person_id is None else f"person:{person_id}"
    with transaction("public", now) as uow:
        if sign_in_failures.count_failure(subject, now) == 1:
            uow.record("sign_in.failed", subject, {"address": address})


def too_often(wait: dt.timedelta) -> RuleError:
    """Return the fault that contains the remaining delay."""
    seconds = -(-int(wait.total_seconds() * 1000) // 1000)
    arguments = {"seconds": seconds, "minutes": -(-seconds // MINUTE), "retry_after": seconds}
    return RuleError("sign_in.too_soon" if seconds <= MINUTE else "sign_in.too_often", arguments, kind="forbidden")


def forgive_sign_in(keys: TryKeys, now: dt.datetime, *, is_success: bool) -> None:
    """Undo the last attempt: it was the right password, or (`is_success` false) it was not evaluated."""
    with transaction("public", now):
        sign_in_tries.forgive(keys.place, keys.login, is_success=is_success)


def count_use(key: str, limit: int, window: dt.timedelta, now: dt.datetime) -> None:
    """Count one use of a limited resource; concurrent uses never exceed the limit.

    Args:
        key: a keyed hash of the user; no address is stored.
        limit: how many are allowed in the window.
        window: the length of the window.
        now: when (UTC).

    Raises:
        RuleError: `throttle.too_often` (forbidden).
    """
    seconds = int(window.total_seconds())
    refused = RuleError("throttle.too_often", {"minutes": seconds // MINUTE, "retry_after": MINUTE}, kind="forbidden")
    if people.tries(key, now - window) >= limit:  # without writing, however often it is attempted
        raise refused
    with transaction("public", now):
        people.count_use(key, now.replace(second=0, microsecond=0))
        people.forget_tries_before(now - dt.timedelta(days=1))
        if people.tries(key, now - window) > limit:
            raise refused
