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

    A file that a person uploaded has had its first look by that person; one that a program uploaded needs two.

    Args:
        first: the identity that has looked first, such as `person:3`; None when nobody has.
        approver: the identity of the person who looks now.

    Raises:
        RuleError: `evidence.same_person` (forbidden).
    """
    if first is None:
        return FIRST_LOOK
    if first == approver:
        raise RuleError("evidence.same_person", kind="forbidden")
    return RELEASED


def may_download(*, is_released: bool, may_handle: bool) -> bool:
    """Whether a viewer of the incident may download a file: before its release, only with the right to handle evidence."""
    return is_released or may_handle
