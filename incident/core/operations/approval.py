"""Approval by two people, for actions that one person may not perform alone."""

import datetime as dt
from collections.abc import Collection
from typing import Final

from incident.core.values.faults import RuleError

APPROVALS_NEEDED: Final = 2
"""The number of different people who must approve."""

APPROVAL_LIFETIME: Final = dt.timedelta(hours=24)
"""How long what one person proposed waits for the second one."""

CONSOLE: Final = "cli"
"""The actor at the console of the server, as in the journal; all users of it count as one."""


def approver_of(by: str) -> str:
    """Return the identity that an actor counts as: `person:3` for `person:3:Li Wei`, or the console.

    Args:
        by: the actor as in the journal.

    Raises:
        RuleError: `approval.not_by_person` (forbidden), for a token: a program approves nothing.
    """
    kind, _, rest = by.partition(":")
    if kind == "person":
        return f"person:{rest.partition(':')[0]}"
    if by == CONSOLE:
        return CONSOLE
    raise RuleError("approval.not_by_person", kind="forbidden")


def person_of(by: str) -> int | None:
    """Return the id of the person that an actor is, None for the console and programs.

    Args:
        by: the actor as in the journal.
    """
    kind, _, rest = by.partition(":")
    return int(rest.partition(":")[0]) if kind == "person" else None


def missing_approvals(approvers: Collection[str]) -> int:
    """Return how many more people must approve.

    Args:
        approvers: who has approved, as `approver_of` returns them.
    """
    return max(0, APPROVALS_NEEDED - len(set(approvers)))


def has_expired(proposed_at: dt.datetime, now: dt.datetime) -> bool:
    """Return whether what was proposed no longer waits for a second person.

    Args:
        proposed_at: when the first person proposed it (UTC).
        now: the moment (UTC).
    """
    return now >= proposed_at + APPROVAL_LIFETIME
