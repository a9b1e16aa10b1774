"""Rules for handing over a shift: to whom, and who confirms it."""

import datetime as dt
from typing import Final

from incident.core.values.access import Role, may
from incident.core.values.faults import RuleError

NOTE_LIMIT: Final = 4_000
MAX_SHOWN: Final = 60
"""The most rows of each list that are kept with a handover."""


def require_receiver(giver_id: int, receiver_id: int, role: Role, *, is_active: bool) -> None:
    """Check the person who takes over.

    Args:
        giver_id: the person who hands over.
        receiver_id: the person who takes over.
        role: the role of the latter.
        is_active: whether they have not left.

    Raises:
        RuleError: `handover.to_oneself`, `handover.cannot_answer`; at `/to`.
    """
    if giver_id == receiver_id:
        raise RuleError("handover.to_oneself", pointer="/to")
    if not is_active or not may(role, "notice.acknowledge"):
        raise RuleError("handover.cannot_answer", pointer="/to")


def require_confirmable(receiver_id: int, person_id: int | None, confirmed_at: dt.datetime | None) -> None:
    """Check that a person confirms a handover: only the one it names, and once.

    Raises:
        RuleError: `handover.for_another`; `handover.confirmed` (conflict).
    """
    if person_id != receiver_id:
        raise RuleError("handover.for_another", kind="forbidden")
    if confirmed_at is not None:
        raise RuleError("handover.confirmed", kind="conflict")
