"""Members of departments from a spreadsheet: those that it lacks are kept."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from incident.actions.directory.members import NamedMember, put_members_in
from incident.actions.import_plans import ImportPlan, planned_row
from incident.actions.notifications.unreached import notify_unreached
from incident.actions.unit_of_work import transaction
from incident.core.directory.sheets import MEMBER_COLUMNS
from incident.core.values.faults import RuleError
from incident.core.values.table import NumberedRow, TableRow, raise_by_row, scan_table, write_table
from incident.store.db.database import advisory_lock
from incident.store.directory import departments, members, people


def plan_members(rows: Sequence[NumberedRow]) -> ImportPlan:
    """Return what a file would do; nothing is written.

    Raises:
        RuleError: every fault at its cell.
    """
    read, faults = scan_table(rows, MEMBER_COLUMNS, "")
    present = {(code, login): position for code, login, position in members.all_members()}
    raise_by_row([*faults, *_faults_of_members(read)])
    items = []
    for row in read:
        place = (row.values["department"], row.values["person"])
        position = present.get(place)
        facts = {"department": place[0], "person": place[1], "position": position}
        items.append(planned_row(row, f"{place[0]} · {place[1]}", None if position is None else facts))
    named = {(row.values["department"], row.values["person"]) for row in read}
    return ImportPlan(items, len(present.keys() - named))


def _faults_of_members(read: Sequence[TableRow]) -> list[RuleError]:
    codes = departments.departments_by_codes({row.values.get("department", "") for row in read})
    active = {one.login for one in people.active_people()}
    found, seen = list[RuleError](), dict[tuple[str, str], int]()
    for row in read:
        code, login = row.values.get("department"), row.values.get("person")
        if code is not None and code not in codes:
            found.append(RuleError("department.unknown", {"code": code}, pointer=row.pointer("department")))
        if login is not None and login not in active:
            found.append(RuleError("person.unknown", {"login": login}, pointer=row.pointer("person")))
        if code is None or login is None:
            continue
        if (code, login) in seen:
            fault = {"row": seen[code, login], "key": f"{code} · {login}"}
            found.append(RuleError("table.row_double", fault, pointer=row.pointer("person")))
        seen.setdefault((code, login), row.number)
    return found


def export_members() -> list[list[str]]:
    """Return all members as the cells of a spreadsheet under a header, escaped."""
    names = ("department", "person", "position")
    return write_table(MEMBER_COLUMNS, [dict(zip(names, row, strict=True)) for row in members.all_members()])


def import_members(
    rows: Sequence[NumberedRow], digest: str, by: str, now: dt.datetime, most: int | None = None
) -> ImportPlan:
    """Write what a preview showed; new members follow those that a department has.

    Args:
        rows: those of the file.
        digest: that of the preview.
        by: who confirms it.
        now: when (UTC).
        most: rows to write; None for all.

    Raises:
        RuleError: `table.stale` (conflict) when the file would now do something else; as `plan_members`.
    """
    with transaction(by, now) as uow:
        advisory_lock("members")
        plan = plan_members(rows)
        plan.require_digest(digest)
        plan = plan.part(most)
        lists = defaultdict[str, dict[str, str]](dict)
        for code, login, position in members.all_members():
            lists[code][login] = position
        written = [*plan.of_kind("new"), *plan.of_kind("changed")]
        for one in written:
            lists[one.row.values["department"]][one.row.values["person"]] = one.row.values.get("position", "member")
        affected = departments.departments_by_codes({one.row.values["department"] for one in written})
        for code, department in sorted(affected.items()):
            named = [NamedMember(login, position) for login, position in lists[code].items()]
            put_members_in(uow, department.id, named, None)
        if written:
            uow.record("sheet.imported", "members", {"sheet": "members"} | plan.counts)
        ids = [department.id for department in affected.values()]
    for department_id in ids:
        notify_unreached(department_id, by, now)
    return plan
