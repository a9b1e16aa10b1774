"""States of a report, from its receipt to its reply."""

from collections.abc import Collection
from typing import Final, Literal, get_args

State = Literal[
    "received",
    "accepted",
    "not_accepted",
    "verifying",
    "substantiated",
    "partly",
    "unsubstantiated",
    "handed_over",
    "handled",
    "replied",
    "closed",
    "merged",
]
STATES: Final[tuple[State, ...]] = get_args(State)

ENDED: Final[frozenset[State]] = frozenset({"not_accepted", "handled", "replied", "closed", "merged"})
"""States in which nothing more is owed; the receipt is deleted some time after."""

FOLLOWING: Final[frozenset[str]] = frozenset({"received", "accepted", "handled"})
"""States that follow the incidents of a report; the others are decided by people and stay."""


def state_after(state: str, statuses: Collection[str]) -> str:
    """Return the state of a report after its links or the status of a linked incident have changed.

    Args:
        state: the state before.
        statuses: of the incidents that it is linked to.
    """
    if state not in FOLLOWING:
        return state
    if not statuses:
        return "received"
    return "handled" if set(statuses) == {"closed"} else "accepted"
