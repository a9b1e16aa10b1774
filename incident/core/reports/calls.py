"""Calls to reporters: by a telephone system that connects both sides, or by an operator."""

import datetime as dt
import re
from collections.abc import Collection
from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError

CallWay = Literal["relay", "operator"]
CallState = Literal["waiting", "calling", "placed", "failed", "cancelled"]
CALL_STATES: Final[tuple[CallState, ...]] = get_args(CallState)
CALL_OUTCOMES: Final[tuple[CallState, ...]] = ("placed", "failed")
"""How a call ends that was begun."""

NUMBER_LIMIT: Final = 30
"""The largest number of characters of a telephone number as it is typed."""

TRIED_FOR: Final = dt.timedelta(minutes=10)
"""How long a telephone system that cannot be reached is tried."""

CALL_LEASE: Final = dt.timedelta(minutes=2)
"""After this time without an outcome, it is uncertain whether the telephone system placed a call."""

_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}")  # short numbers inside a house; at most 15 digits (ITU-T E.164)
_BLANKS: Final = re.compile(r"[ ().\-\u2010-\u2015]")


def dialled(typed: str) -> str | None:
    """Return a telephone number as it is dialled; None for a text that is none."""
    number = _BLANKS.sub("", typed)
    return number if _NUMBER.fullmatch(number) else None


def require_callable(protection: str, fields: Collection[str], *, is_withdrawn: bool) -> None:
    """Refuse a call to a reporter who cannot or must not be called.

    Args:
        protection: the class of the report's identity.
        fields: the contact details that were left.
        is_withdrawn: whether the reporter has withdrawn the report.

    Raises:
        RuleError: `call.protected`: protected numbers are never called; `call.no_number`, `call.withdrawn`
            (conflict).
    """
    if protection == "protected":
        raise RuleError("call.protected", kind="conflict")
    if "phone" not in fields:
        raise RuleError("call.no_number", kind="conflict")
    if is_withdrawn:
        raise RuleError("call.withdrawn", kind="conflict")
