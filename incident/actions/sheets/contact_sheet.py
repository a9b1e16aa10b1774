"""Contacts from a spreadsheet: those whose address is no secret. A new address replaces the contact of that name."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from incident.actions.directory.departments import NewContact, add_contact_in
from incident.actions.import_plans import ImportPlan, planned_row
from incident.actions.unit_of_work import transaction
from incident.core.directory.sheets import CONTACT_COLUMNS
from incident.core.values.faults import RuleError
from incident.core.values.table import NumberedRow, TableRow, raise_by_row, scan_table, write_table
from incident.keyring import KeyRing
from incident.store.db.database import advisory_lock, db
from incident.store.directory import departments
from incident.store.directory.departments import Contact


@dataclass(frozen=True)
class SheetChannels:
    """The channels that a spreadsheet may have, and the check of an address, which returns a code of a fault."""

    names: Collection[str]
    check_address: Callable[[str, str | None], str | None]


Key = tuple[str, str, str]
"""A contact by department, name and channel."""


def plan_contacts(rows: Sequence[NumberedRow], channels: SheetChannels) -> ImportPlan:
    """Return what a file would do; nothing is written.

    Args:
        rows: those of the file.
        channels: those that it may have.

    Raises:
        RuleError: every fault at its cell.
    """
    read, faults = scan_table(rows, CONTACT_COLUMNS, "")
    raise_by_row([*faults, *_faults_of_contacts(read, channels)])
    present = _present(channels.names)
    items = []
    for row in read:
        found = present.get(_key(row))
        before = None if found is None else _contact_facts(_key(row), found)
        items.append(planned_row(row, " · ".join(_key(row)), before, 0 if found is None else found.id))
    return ImportPlan(items, len(present.keys() - {_key(row) for row in read}))


def _key(row: TableRow) -> Key:
    return row.values["department"], row.values["name"], row.values["channel"]


def _present(channels: Collection[str]) -> dict[Key, Contact]:
    codes = {one.id: one.code for one in departments.list_departments()}
    rows = [one for one in departments.live_contacts() if one.channel in channels and one.person_id is None]
    return {(codes[one.department_id], one.name, one.channel): one for one in rows}


def _contact_facts(key: Key, row: Contact) -> dict[str, Any]:
    facts = {"address": row.address, "level": row.level, "language": row.language}
    return dict(zip(("department", "name", "channel"), key, strict=True)) | facts


def _faults_of_contacts(read: Sequence[TableRow], channels: SheetChannels) -> list[RuleError]:
    codes = departments.departments_by_codes({row.values.get("department", "") for row in read})
    found, seen = list[RuleError](), dict[Key, int]()
    for row in read:
        code, channel = row.values.get("department"), row.values.get("channel", "")
        if code is not None and code not in codes:
            found.append(RuleError("department.unknown", {"code": code}, pointer=row.pointer("department")))
        if channel not in channels.names:
            choices = {"choices": ", ".join(channels.names)}
            found.append(RuleError("sheet.channel", choices, pointer=row.pointer("channel")))
        elif "address" in row.values or not row.has_faults:
            fault = channels.check_address(channel, row.values.get("address"))
            if fault is not None:
                found.append(RuleError(fault, pointer=row.pointer("address")))
        if row.has_faults:
            continue
        if _key(row) in seen:
            twice = {"row": seen[_key(row)], "key": " · ".join(_key(row))}
            found.append(RuleError("table.row_double", twice, pointer=row.pointer("name")))
        seen.setdefault(_key(row), row.number)
    return found


def export_contacts(channels: SheetChannels) -> list[list[str]]:
    """Return the contacts of departments whose address is no secret, as cells under a header, escaped."""
    return write_table(CONTACT_COLUMNS, [_contact_facts(key, one) for key, one in _present(channels.names).items()])


def import_contacts(
    rows: Sequence[NumberedRow],
    digest: str,
    channels: SheetChannels,
    ring: KeyRing,
    by: str,
    now: dt.datetime,
    most: int | None = None,
) -> ImportPlan:
    """Write what a preview showed; a changed contact is switched off and replaced by a new one.

    Args:
        rows: those of the file.
        digest: that of the preview.
        channels: those that the file may have.
        ring: seals secrets, of which these channels have none.
        by: who confirms it.
        now: when (UTC).
        most: rows to write; None for all.

    Raises:
        RuleError: `table.stale` (conflict) when the file would now do something else; as `plan_contacts`.
    """
    with transaction(by, now) as uow:
        advisory_lock("contacts")
        plan = plan_contacts(rows, channels)
        plan.require_digest(digest)
        plan = plan.part(most)
        ids = {code: one.id for code, one in departments.departments_by_codes(_codes_of(plan)).items()}
        for one in plan.of_kind("changed"):
            replaced = db.session.get_one(Contact, one.version)
            replaced.switched_off_at, replaced.switched_off_why = now, "replaced by an import"
            detail = {"name": replaced.name, "why": replaced.switched_off_why}
            uow.record("contact.switched_off", f"contact:{replaced.id}", detail)
            usual = {"address": replaced.address, "level": replaced.level, "language": replaced.language}
            add_contact_in(uow, _new(one.row, ids, usual), None, ring)
        for one in plan.of_kind("new"):
            add_contact_in(uow, _new(one.row, ids, {"address": None, "level": 1, "language": "en"}), None, ring)
        if plan.counts["new"] or plan.counts["changed"]:
            uow.record("sheet.imported", "contacts", {"sheet": "contacts"} | plan.counts)
    return plan


def _codes_of(plan: ImportPlan) -> set[str]:
    return {one.row.values["department"] for one in plan.items}


def _new(row: TableRow, ids: dict[str, int], usual: dict[str, Any]) -> NewContact:
    facts = usual | {name: row.values[name] for name in usual if name in row.values}
    return NewContact(ids[row.values["department"]], row.values["name"], row.values["channel"], **facts)
