"""What differs between two versions of a rule set: questions, lines with their thresholds, sectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Part = Literal["title", "ref", "sectors", "question", "line"]
Change = Literal["added", "removed", "changed"]
WHOLE: Final[Sequence[Part]] = ("title", "ref", "sectors")


@dataclass(frozen=True, slots=True)
class RuleSetChange:
    """One difference; `key` is that of the question or line, `before` and `after` what the documents say."""

    part: Part
    change: Change
    key: str | None
    before: Any
    after: Any


def rule_set_changes_between(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[RuleSetChange]:
    """Return what differs between two checked documents, in the order of the newer one, what was removed last.

    Args:
        before: the former document; None when there is none, so that all is added.
        after: the newer one.
    """
    found: list[RuleSetChange] = []
    if before is not None:
        found += [
            RuleSetChange(name, "changed", None, before[name], after[name])
            for name in WHOLE
            if before[name] != after[name]
        ]
    for part, name in (("question", "questions"), ("line", "lines")):
        found += _of_each(part, [] if before is None else before[name], after[name])  # type: ignore[arg-type]
    return found


def _of_each(
    part: Literal["question", "line"], before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[RuleSetChange]:
    old, new = ({one["key"]: one for one in some} for some in (before, after))
    found: list[RuleSetChange] = []
    for key, one in new.items():
        if key not in old:
            found.append(RuleSetChange(part, "added", key, None, one))
        elif old[key] != one:
            found.append(RuleSetChange(part, "changed", key, old[key], one))
    return found + [RuleSetChange(part, "removed", key, one, None) for key, one in old.items() if key not in new]
