"""What a spreadsheet would do, row by row: previewed, and confirmed by its digest."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

from incident.core.values.faults import RuleError
from incident.core.values.table import TableRow

ImportKind = Literal["new", "changed", "unchanged"]

PIECE: Final = 250
"""Rows that one transaction of a page writes.

Others who write wait for so many at most, and a person can stop after them.
"""


@dataclass(frozen=True)
class PlannedRow:
    """What a row would do: the values that differ, each before and after; something new has none before.

    `key` identifies what the row is about, `version` is that of its present state.
    """

    row: TableRow
    key: str
    kind: ImportKind
    changes: Mapping[str, tuple[Any, Any]]
    version: int = 0


@dataclass(frozen=True)
class ImportPlan:
    """What a file would do; what it lacks is kept as it is, `missing` counts that.

    `left` counts the rows that a part of the plan leaves for the next one.
    """

    items: Sequence[PlannedRow]
    missing: int
    left: int = 0

    def of_kind(self, kind: ImportKind) -> list[PlannedRow]:
        """Return the rows of one kind."""
        return [one for one in self.items if one.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are of each kind."""
        return {"new": 0, "changed": 0, "unchanged": 0} | {one: len(self.of_kind(one)) for one in _KINDS}

    @cached_property
    def digest(self) -> str:
        """The SHA-256 (hex) of what would be written, by which a person confirms exactly what was shown."""
        facts = [[one.key, one.kind, one.version, one.changes] for one in self.items]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=list).encode("ascii")).hexdigest()

    def part(self, most: int | None, place: Callable[[PlannedRow], int] = lambda _row: 0) -> "ImportPlan":
        """Return the plan of the first rows that would change something.

        Args:
            most: how many; None for all.
            place: sorts rows that must be written before others; equal ones stay in the order of the file.
        """
        written = sorted((one for one in self.items if one.kind != "unchanged"), key=place)
        if most is None or len(written) <= most:
            return self
        return replace(self, items=[*written[:most], *self.of_kind("unchanged")], left=len(written) - most)

    def require_digest(self, digest: str) -> None:
        """Raise RuleError `table.stale` (conflict) when the file would now do something else than was shown."""
        if self.digest != digest:
            raise RuleError("table.stale", kind="conflict")


_KINDS: tuple[ImportKind, ...] = ("new", "changed", "unchanged")


def planned_row(row: TableRow, key: str, before: Mapping[str, Any] | None, version: int = 0) -> PlannedRow:
    """Return what a row would do.

    Args:
        row: of the file.
        key: what identifies its subject.
        before: the present facts by column; None when there is no such subject yet.
        version: of the present state.
    """
    if before is None:
        return PlannedRow(row, key, "new", {name: (None, value) for name, value in row.values.items()})
    changes = {name: (before[name], value) for name, value in row.values.items() if value != before[name]}
    return PlannedRow(row, key, "changed" if changes else "unchanged", changes, version)
