"""Differences between two versions of a playbook: steps that were added, removed or changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Final, Literal

from incident.core.cacao.checks.shapes import object_of
from incident.core.cacao.text.text import to_yaml_text
from incident.core.cacao.values import Json

IGNORED: Final = frozenset({"modified", "signatures", "workflow", "playbook_processing_summary"})
"""Properties that every version changes, and the steps, which are compared one by one."""

MAX_LINES: Final = 20_000
"""Longer texts are not compared line by line."""

ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """A step, or a property of the playbook itself, that differs.

    `key` is the identifier of the step, "" for a property; `properties` are the names of the properties that differ.
    """

    kind: ChangeKind
    key: str
    name: str
    properties: tuple[str, ...] = ()


def changes_between(old: Json, new: Json) -> list[Change]:
    """Return the differences of the playbook's own properties, then those of its steps, removed ones last."""
    return [*_own_changes(old, new), *_step_changes(object_of(old, "workflow"), object_of(new, "workflow"))]


def _own_changes(old: Json, new: Json) -> Iterator[Change]:
    for name in _different(old, new):
        if name not in IGNORED:
            yield Change(_kind(name, old, new), "", name)


def _step_changes(old: Json, new: Json) -> Iterator[Change]:
    for key, step in new.items():
        if key not in old:
            yield Change("added", key, _name(step))
        elif properties := _different(old[key], step):
            yield Change("changed", key, _name(step), properties)
    for key, step in old.items():
        if key not in new:
            yield Change("removed", key, _name(step))


def _kind(name: str, old: Json, new: Json) -> ChangeKind:
    if name not in old:
        return "added"
    return "changed" if name in new else "removed"


def _different(old: Any, new: Any) -> tuple[str, ...]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return ()
    names = dict.fromkeys([*new, *old])
    return tuple(name for name in names if name not in old or name not in new or old[name] != new[name])


def _name(step: Any) -> str:
    if not isinstance(step, dict):
        return ""
    return str(step.get("name") or step.get("description") or step.get("type") or "")


def text_difference(old: Json, new: Json, context: int = 3) -> Sequence[str] | None:
    """Return the lines of a unified difference of two versions as YAML, None when they are too long.

    Args:
        old: the earlier version.
        new: the later version.
        context: how many lines around a change are included.
    """
    before, after = to_yaml_text(old).splitlines(), to_yaml_text(new).splitlines()
    if len(before) + len(after) > MAX_LINES:
        return None
    return [line.rstrip("\n") for line in unified_diff(before, after, n=context, lineterm="")][2:]
