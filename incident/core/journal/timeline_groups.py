"""The groups of the entries of a timeline, and the entries that repeat others in detail."""

from typing import Final, Literal, get_args

Group = Literal["people", "notifications", "tasks", "system"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)

PREFIXES: Final[dict[Group, tuple[str, ...]]] = {
    "people": ("incident.", "report.", "clock.", "evidence.", "document.", "paper."),
    "notifications": ("notice.", "message.", "link."),
    "tasks": ("task.", "run.", "step.", "command."),
}
"""How the types of a group's entries begin; all others belong to `system`."""

MINOR: Final = frozenset(
    {"command.ended", "link.created", "message.accepted", "message.opened", "notice.opened", "run.advanced"}
)
"""Types of entries that repeat in detail what another entry says."""


def group_of(name: str) -> Group | None:
    """Return the group with a name; None when there is none."""
    return next((one for one in GROUPS if one == name), None)
