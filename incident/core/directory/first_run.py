"""The steps of the first run, in their order, and which of them are left."""

from collections.abc import Collection, Mapping
from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError

Step = Literal["language", "organization", "playbooks", "departments", "contacts", "people", "rules", "drill"]
FIRST_STEPS: Final[tuple[Step, ...]] = get_args(Step)


def require_first_step(name: str) -> str:
    """Return the name of a step; raises RuleError `setup.step_unknown` (not found)."""
    if name not in FIRST_STEPS:
        raise RuleError("setup.step_unknown", kind="not_found")
    return name


def steps_left(done: Mapping[str, bool], skipped: Collection[str]) -> list[str]:
    """Return the steps that are neither done nor skipped, in their order."""
    return [one for one in FIRST_STEPS if not done.get(one, False) and one not in skipped]
