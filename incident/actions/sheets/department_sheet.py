"""Departments from a spreadsheet."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from incident.actions.directory.departments import add_department_in
from incident.actions.import_plans import ImportPlan, planned_row
from incident.actions.notifications import on_duty
from incident.actions.unit_of_work import transaction
from incident.core.directory.sheets import DEPARTMENT_COLUMNS
from incident.core.values.faults import RuleError
from incident.core.values.table import NumberedRow, TableRow, raise_by_row, scan_table, write_table
from incident.store.db.database import advisory_lock, db
from incident.store.directory import departments
from incident.store.directory.departments import Department


def plan_departments(rows: Sequence[NumberedRow]) -> ImportPlan:
    """Return what a file would do; nothing is written.

    Raises:
        RuleError: every fault at its cell.
    """
    read, faults = scan_table(rows, DEPARTMENT_COLUMNS, "code")
    known = {one.code: one for one in departments.list_departments()}
    raise_by_row([*faults, *_faults_of_departments(read, known)])
    codes = {one.id: one.code for one in known.values()}
    items = []
    for row in read:
        present = known.get(row.values["code"])
        before = None if present is None else _facts(present, codes)
        items.append(planned_row(row, row.values["code"], before, 0 if present is None else present.version))
    return ImportPlan(items, len(known.keys() - {row.values["code"] for row in read}))


def _facts(row: Department, codes: Mapping[int, str]) -> dict[str, Any]:
    parent = codes.get(row.parent_id or 0)
    return {"code": row.code, "name": row.name, "parent": parent, "timezone": row.timezone, "calendar": row.calendar}


def _faults_of_departments(read: Sequence[TableRow], known: Mapping[str, Department]) -> list[RuleError]:
    above = _parents_after(read, known)
    found, zones = [], dict[str, bool]()
    for row in read:
        parent, zone, calendar = (row.values.get(name) for name in ("parent", "timezone", "calendar"))
        if parent is not None and parent not in above:
            found.append(RuleError("department.unknown", {"code": parent}, pointer=row.pointer("parent")))
        elif parent is not None and _is_loop(row.values.get("code", ""), above):
            found.append(RuleError("department.loop", {"code": parent}, pointer=row.pointer("parent")))
        if zone is not None and not zones.setdefault(zone, on_duty.is_zone(zone)):
            found.append(RuleError("timezone.unknown", {"given": zone}, pointer=row.pointer("timezone")))
        if calendar is not None and calendar not in on_duty.calendars():
            known_ones = {"given": calendar, "known": sorted(on_duty.calendars())}
            found.append(RuleError("calendar.unknown", known_ones, pointer=row.pointer("calendar")))
    return found


def _parents_after(read: Sequence[TableRow], known: Mapping[str, Department]) -> dict[str, str | None]:
    """Return the department that each is directly under once the rows are written, by code."""
    codes = {one.id: one.code for one in known.values()}
    above = {code: codes.get(one.parent_id or 0) for code, one in known.items()}
    named = [(row.values["code"], row) for row in read if "code" in row.values]
    return above | {code: row.values.get("parent", above.get(code)) for code, row in named}


def _is_loop(code: str, above: Mapping[str, str | None]) -> bool:
    seen, following = set[str](), above.get(code)
    while following is not None and following not in seen:
        if following == code:
            return True
        seen.add(following)
        following = above.get(following)
    return False


def export_departments() -> list[list[str]]:
    """Return all departments as the cells of a spreadsheet under a header, escaped."""
    rows = departments.list_departments()
    codes = {one.id: one.code for one in rows}
    return write_table(DEPARTMENT_COLUMNS, [_facts(one, codes) for one in rows])


def import_departments(
    rows: Sequence[NumberedRow], digest: str, timezone: str, by: str, now: dt.datetime, most: int | None = None
) -> ImportPlan:
    """Write what a preview showed, from the top of the tree.

    Args:
        rows: those of the file.
        digest: that of the preview.
        timezone: of new departments that name none (IANA name).
        by: who confirms it.
        now: when (UTC).
        most: rows to write; None for all.

    Raises:
        RuleError: `table.stale` (conflict) when the file would now do something else; as `plan_departments`.
    """
    with transaction(by, now) as uow:
        advisory_lock("departments")
        plan = plan_departments(rows)
        plan.require_digest(digest)
        above = _parents_after(
            [one.row for one in plan.items], {one.code: one for one in departments.list_departments()}
        )
        plan = plan.part(most, lambda row: _depth(row.key, above))
        for one in plan.of_kind("new"):
            values = one.row.values
            made = add_department_in(uow, one.key, values["name"], None, values.get("timezone") or timezone)
            made.calendar = values.get("calendar") or made.calendar
        known = {one.code: one for one in departments.list_departments()}
        for one in plan.items:
            if one.kind == "new" and one.row.values.get("parent"):
                known[one.key].parent_id = known[one.row.values["parent"]].id
            elif one.kind == "changed":
                _change(known[one.key], {name: after for name, (_, after) in one.changes.items()}, known)
                before = {name: pair[0] for name, pair in one.changes.items()}
                detail = {"before": before, "after": {name: pair[1] for name, pair in one.changes.items()}}
                uow.record("department.changed", f"department:{one.key}", detail)
        db.session.flush()
        if plan.counts["new"] or plan.counts["changed"]:
            uow.record("sheet.imported", "departments", {"sheet": "departments"} | plan.counts)
    return plan


def _depth(code: str, above: Mapping[str, str | None]) -> int:
    """Return how deep a department will be in the tree.

    Written from the top, no piece refers to a later one, and none makes a loop.
    """
    depth, parent = 0, above[code]
    while parent is not None:
        depth, parent = depth + 1, above[parent]
    return depth


def _change(row: Department, new: Mapping[str, Any], known: Mapping[str, Department]) -> None:
    for name, value in new.items():
        if name == "parent":
            row.parent_id = None if value is None else known[value].id
        else:
            setattr(row, name, value)
    row.version += 1
