"""Filings: proof that a stage was reported, and what a late one must say."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

from incident.core.deadlines.clocks import SET_BY_PEOPLE
from incident.core.values.faults import RuleError

FilingChannel = Literal["portal", "phone", "email", "fax", "app", "letter", "in_person", "exchange"]
FILING_CHANNELS: Final[tuple[FilingChannel, ...]] = get_args(FilingChannel)

LateReason = Literal["unknown_in_time", "approval_late", "channel_down", "misgraded", "other"]
LATE_REASONS: Final[tuple[LateReason, ...]] = get_args(LateReason)

_SHA256: Final = re.compile("[0-9a-f]{64}", re.ASCII)


def check_filing(
    state: str,
    since: dt.datetime | None,
    lawful_at: dt.datetime | None,
    filed_at: dt.datetime,
    now: dt.datetime,
    late: Mapping[str, str] | None,
    *,
    is_oral: bool,
) -> bool:
    """Check a filing of a clock; return whether it is late.

    Args:
        state: of the clock.
        since: before when nothing can have been filed (UTC), such as its start; None where that is not known.
        lawful_at: until when it is in time (UTC); None without a due.
        filed_at: when it was filed (UTC).
        now: the present moment (UTC).
        late: the reason of a late one.
        is_oral: an announcement, which is never late and leaves the clock running.

    Raises:
        RuleError: `clock.set_aside` (conflict) for a waived or suspended clock, `clock.in_the_future`,
            `filing.before_start`, `clock.late_without_reason`.
    """
    if state in SET_BY_PEOPLE:
        raise RuleError("clock.set_aside", kind="conflict")
    if filed_at > now:
        raise RuleError("clock.in_the_future", pointer="/at")
    if since is not None and filed_at < since:
        raise RuleError("filing.before_start", pointer="/at")
    is_late = not is_oral and state != "filed" and lawful_at is not None and filed_at > lawful_at
    if is_late and not late:
        raise RuleError("clock.late_without_reason", pointer="/late")
    return is_late


def check_return(filed_at: dt.datetime, returned_at: dt.datetime, now: dt.datetime) -> None:
    """Check when an authority returned a filing.

    Args:
        filed_at: when it was filed (UTC).
        returned_at: when it was returned (UTC).
        now: the present moment (UTC).

    Raises:
        RuleError: `clock.in_the_future`, `filing.returned_before`.
    """
    if returned_at > now:
        raise RuleError("clock.in_the_future", pointer="/at")
    if returned_at < filed_at:
        raise RuleError("filing.returned_before", pointer="/at")


def require_sha256(value: object, pointer: str = "") -> str:
    """Return a SHA-256 in hexadecimal, in lower case; raises RuleError `filing.not_a_sha256`."""
    if isinstance(value, str) and _SHA256.fullmatch(value.strip().lower()):
        return value.strip().lower()
    raise RuleError("filing.not_a_sha256", pointer=pointer)
