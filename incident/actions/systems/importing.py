"""Systems from a spreadsheet: a preview of what would change, and its confirmation."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from incident.actions.systems.systems import add_in, change_in
from incident.actions.unit_of_work import transaction
from incident.core.systems.spreadsheet import SYSTEM_COLUMNS
from incident.core.systems.system import MAX_SYSTEMS
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.table import NumberedRow, TableRow, read_table, write_table
from incident.store.directory import departments
from incident.store.systems import systems
from incident.store.systems.data_versions import SYSTEMS_DATA, renew_version
from incident.store.systems.systems import System

Kind = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True)
class PlannedSystem:
    """What a row would do: the values that differ, each before and after; a new system has none before."""

    row: TableRow
    kind: Kind
    changes: Mapping[str, tuple[Any, Any]]
    version: int


@dataclass(frozen=True)
class ImportPlan:
    """What a file would do; systems that it lacks are kept as they are, `missing` counts them."""

    items: Sequence[PlannedSystem]
    missing: int

    def of_kind(self, kind: Kind) -> list[PlannedSystem]:
        """Return the rows of one kind."""
        return [one for one in self.items if one.kind == kind]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 (hex) of what would be written, by which a person confirms exactly what was shown."""
        facts = [[one.row.values["code"], one.kind, one.version, one.changes] for one in self.items]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=list).encode("ascii")).hexdigest()


def plan_import(rows: Sequence[NumberedRow]) -> ImportPlan:
    """Return what a file would do; nothing is written.

    Raises:
        RuleError: every fault at its cell, such as `department.unknown` at `/rows/14/owner`; `system.too_many`.
    """
    read = read_table(rows, SYSTEM_COLUMNS, "code")
    known = {one.code: one for one in systems.all_systems()}
    owners = departments.departments_by_codes({row.values["owner"] for row in read if row.values.get("owner")})
    raise_all(
        RuleError("department.unknown", {"code": row.values["owner"]}, pointer=row.pointer("owner"))
        for row in read
        if row.values.get("owner") and row.values["owner"] not in owners
    )
    codes = {one.id: one.code for one in departments.departments_of(_owner_ids(known)).values()}
    items = [_planned(row, known.get(row.values["code"]), codes) for row in read]
    plan = ImportPlan(items, len(known.keys() - {row.values["code"] for row in read}))
    if len(known) + len(plan.of_kind("new")) > MAX_SYSTEMS:
        raise RuleError("system.too_many", {"most": MAX_SYSTEMS}, kind="conflict")
    return plan


def _owner_ids(known: Mapping[str, System]) -> set[int]:
    return {one.department_id for one in known.values() if one.department_id is not None}


def _planned(row: TableRow, present: System | None, owners: Mapping[int, str]) -> PlannedSystem:
    if present is None:
        return PlannedSystem(row, "new", {name: (None, value) for name, value in row.values.items()}, 0)
    before = facts_of(present, owners)
    changes = {name: (before[name], value) for name, value in row.values.items() if value != before[name]}
    return PlannedSystem(row, "changed" if changes else "unchanged", changes, present.version)


def facts_of(row: System, owners: Mapping[int, str]) -> dict[str, Any]:
    """Return the facts of a system as a file states them; `owners` are codes of departments by id."""
    facts = {column.name: getattr(row, column.name) for column in SYSTEM_COLUMNS if column.name != "owner"}
    note = row.note.replace("\r\n", "\n").replace("\r", "\n").strip()
    lists = {"addresses": tuple(row.addresses), "names": tuple(row.names)}
    return facts | lists | {"owner": owners.get(row.department_id or 0), "note": note}


def export_systems(rows: Sequence[System]) -> list[list[str]]:
    """Return systems as the cells of a spreadsheet under a header, escaped."""
    owners = {one.id: one.code for one in departments.departments_of({row.department_id or 0 for row in rows}).values()}
    return write_table(SYSTEM_COLUMNS, [facts_of(row, owners) for row in rows])


def import_systems(rows: Sequence[NumberedRow], digest: str, by: str, now: dt.datetime) -> ImportPlan:
    """Write what a preview showed.

    Args:
        rows: those of the file.
        digest: that of the preview.
        by: who confirms it.
        now: when (UTC).

    Raises:
        RuleError: `table.stale` (conflict) when the file would now do something else; as `plan_import`.
    """
    with transaction(by, now) as uow:
        plan = plan_import(rows)
        if plan.digest != digest:
            raise RuleError("table.stale", kind="conflict")
        known = systems.systems_by_codes([one.row.values["code"] for one in plan.of_kind("changed")])
        for one in plan.items:
            if one.kind == "new":
                add_in(uow, one.row.values)
            elif one.kind == "changed":
                change_in(uow, known[one.row.values["code"]], {name: after for name, (_, after) in one.changes.items()})
        counts = {kind: len(plan.of_kind(kind)) for kind in ("new", "changed", "unchanged")}
        if counts["new"] or counts["changed"]:
            uow.record("systems.imported", "systems", counts)
            renew_version(SYSTEMS_DATA)
    return plan
