"""Rules of stored files: the second look, and who may download."""

from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError

EvidenceState = Literal["receiving", "stored", "removed", "discarded"]
EVIDENCE_STATES: Final[tuple[EvidenceState, ...]] = get_args(EvidenceState)
"""`discarded` uploads were broken off, or are of a file that the incident has already; their parts are deleted."""

FIRST_LOOK: Final = "first_look"
RELEASED: Final = "released"
Look = Literal["first_look", "released"]


def next_look(first: str | None, approver: str) -> Look:
    """Return what a person's look at a quarantined file does: release it, or be the first of two.

    The sender counts as the first person; the file of a program needs two.

    Args:
        first: the identity of the first person, such as `person:3`; None without one.
        approver: the identity of the person at hand.

    Raises:
        RuleError: `evidence.same_person` (forbidden).
    """
    if first is None:
        return FIRST_LOOK
    if first == approver:
        raise RuleError("evidence.same_person", kind="forbidden")
    return RELEASED


def may_download(*, is_released: bool, may_handle: bool) -> bool:
    """Whether a viewer of the incident may download a file: before its release only who may handle evidence."""
    return is_released or may_handle
