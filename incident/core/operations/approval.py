"""Approval by two people, of what one alone may not do."""

from collections.abc import Collection
from typing import Final

from incident.core.values.faults import RuleError

APPROVALS_NEEDED: Final = 2
"""How many different people approve."""

CONSOLE: Final = "cli"
"""Who works at the console of the server, as the journal names them; they count as one person."""


def approver_of(by: str) -> str:
    """Return as whom an actor counts, however they are called: `person:3` for `person:3:Li Wei`, or the console.

    Args:
        by: the actor as it stands in the journal.

    Raises:
        RuleError: `approval.not_by_person` (forbidden), for a token: a program approves nothing.
    """
    kind, _, rest = by.partition(":")
    if kind == "person":
        return f"person:{rest.partition(':')[0]}"
    if by == CONSOLE:
        return CONSOLE
    raise RuleError("approval.not_by_person", kind="forbidden")


def missing_approvals(approvers: Collection[str]) -> int:
    """Return how many more people must approve.

    Args:
        approvers: who has approved, as `approver_of` gives them.
    """
    return max(0, APPROVALS_NEEDED - len(set(approvers)))
