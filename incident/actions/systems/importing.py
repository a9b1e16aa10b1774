"""Systems from a spreadsheet: a preview of what would change, and its confirmation."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from incident.actions.import_plans import ImportPlan, PlannedRow, planned_row
from incident.actions.systems.systems import add_in, change_in
from incident.actions.unit_of_work import transaction
from incident.core.systems.spreadsheet import SYSTEM_COLUMNS
from incident.core.systems.system import MAX_SYSTEMS
from incident.core.values.faults import RuleError
from incident.core.values.table import NumberedRow, TableRow, raise_by_row, scan_table, write_table
from incident.store.directory import departments
from incident.store.systems import systems
from incident.store.systems.data_versions import SYSTEMS_DATA, renew_version
from incident.store.systems.systems import System


def plan_import(rows: Sequence[NumberedRow]) -> ImportPlan:
    """Return what a file would do; nothing is written.

    Raises:
        RuleError: every fault at its cell, such as `department.unknown` at `/rows/14/owner`; `system.too_many`.
    """
    read, faults = scan_table(rows, SYSTEM_COLUMNS, "code")
    known = {one.code: one for one in systems.all_systems()}
    owners = departments.departments_by_codes({row.values["owner"] for row in read if row.values.get("owner")})
    faults += [
        RuleError("department.unknown", {"code": row.values["owner"]}, pointer=row.pointer("owner"))
        for row in read
        if row.values.get("owner") and row.values["owner"] not in owners
    ]
    raise_by_row(faults)
    codes = {one.id: one.code for one in departments.departments_of(_owner_ids(known)).values()}
    items = [_planned(row, known.get(row.values["code"]), codes) for row in read]
    plan = ImportPlan(items, len(known.keys() - {row.values["code"] for row in read}))
    if len(known) + len(plan.of_kind("new")) > MAX_SYSTEMS:
        raise RuleError("system.too_many", {"most": MAX_SYSTEMS}, kind="conflict")
    return plan


def _owner_ids(known: Mapping[str, System]) -> set[int]:
    return {one.department_id for one in known.values() if one.department_id is not None}


def _planned(row: TableRow, present: System | None, owners: Mapping[int, str]) -> PlannedRow:
    if present is None:
        return planned_row(row, row.values["code"], None)
    return planned_row(row, row.values["code"], facts_of(present, owners), present.version)


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


def import_systems(
    rows: Sequence[NumberedRow], digest: str, by: str, now: dt.datetime, most: int | None = None
) -> ImportPlan:
    """Write what a preview showed.

    Args:
        rows: those of the file.
        digest: that of the preview.
        by: who confirms it.
        now: when (UTC).
        most: rows to write; None for all.

    Raises:
        RuleError: `table.stale` (conflict) when the file would now do something else; as `plan_import`.
    """
    with transaction(by, now) as uow:
        plan = plan_import(rows)
        plan.require_digest(digest)
        plan = plan.part(most)
        known = systems.systems_by_codes([one.row.values["code"] for one in plan.of_kind("changed")])
        for one in plan.items:
            if one.kind == "new":
                add_in(uow, one.row.values)
            elif one.kind == "changed":
                change_in(uow, known[one.row.values["code"]], {name: after for name, (_, after) in one.changes.items()})
        counts = plan.counts
        if counts["new"] or counts["changed"]:
            uow.record("systems.imported", "systems", counts)
            renew_version(SYSTEMS_DATA)
    return plan
