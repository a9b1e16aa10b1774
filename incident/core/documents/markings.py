"""Markings of official documents, and who may see a marked one."""

from typing import Final, Literal, get_args

from incident.core.values.access import Viewer, may
from incident.core.values.faults import RuleError

Marking = Literal["none", "internal", "work_secret"]
MARKINGS: Final[tuple[Marking, ...]] = get_args(Marking)
WORK_SECRET: Final = MARKINGS[2]

SECRETS: Final = frozenset({"secret", "confidential", "top_secret", "秘密", "机密", "绝密"})
"""Levels of state secrets: they never enter this program."""


def require_marking(given: object, pointer: str = "/marking") -> Marking:
    """Return a marking.

    Raises:
        RuleError: `official_document.state_secret` for a level of state secrets, `document.not_a_choice`.
    """
    if isinstance(given, str) and given.strip().partition("★")[0] in SECRETS:
        raise RuleError("official_document.state_secret", pointer=pointer)
    found = next((one for one in MARKINGS if one == given), None)
    if found is None:
        raise RuleError("document.not_a_choice", {"choices": ", ".join(MARKINGS)}, pointer=pointer)
    return found


def may_see_marking(viewer: Viewer, marking: str, drafter: str) -> bool:
    """Return whether a viewer may see a document with a marking, of an incident that they may see.

    A work secret is for those with the right to it, and for the person who drafted it.

    Args:
        viewer: who requests access.
        marking: of the document.
        drafter: who drafted it, such as `person:3`.
    """
    if not may(viewer.role, "document.read"):
        return False
    if marking != WORK_SECRET or may(viewer.role, "document.read_work_secret"):
        return True
    return viewer.person_id is not None and drafter == f"person:{viewer.person_id}"
