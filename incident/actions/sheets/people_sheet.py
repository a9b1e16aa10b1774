"""People from a spreadsheet: without passwords, each new one with a link of an invitation."""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from incident.actions.directory.accounts import INVITATION_FOR
from incident.actions.directory.people import hash_of
from incident.actions.import_plans import ImportPlan, PlannedRow, planned_row
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.directory.sheets import PEOPLE_COLUMNS
from incident.core.values.faults import RuleError
from incident.core.values.table import NumberedRow, TableRow, raise_by_row, scan_table, write_table
from incident.store.db.database import advisory_lock, db
from incident.store.directory import departments, people
from incident.store.directory.invitations import PASSWORD_LINK
from incident.store.directory.people import Person, SignInLink


class InvitedPerson(NamedTuple):
    """A new person, and the token of the link by which they set their password."""

    login: str
    name: str
    token: str


def plan_people(rows: Sequence[NumberedRow]) -> ImportPlan:
    """Return what a file would do; nothing is written.

    Raises:
        RuleError: every fault at its cell; `person.last_administrator` when nobody could administer any more.
    """
    read, faults = scan_table(rows, PEOPLE_COLUMNS, "login")
    known = _known()
    codes = _codes()
    here = set(codes.values())
    for row in read:
        code, present = row.values.get("department"), known.get(row.values.get("login", ""))
        if code is not None and code not in here:
            faults.append(RuleError("department.unknown", {"code": code}, pointer=row.pointer("department")))
        elif row.values.get("role") == "department" and not _department_after(row, present, codes):
            faults.append(RuleError("department.needed", pointer=row.pointer("department")))
    raise_by_row(faults)
    items = [_planned_person(row, known.get(row.values["login"]), codes) for row in read]
    _require_administrator(known, read)
    return ImportPlan(items, len(known.keys() - {row.values["login"] for row in read}))


def _known() -> dict[str, Person]:
    """Return people by sign-in name."""
    return {one.login: one for one in people.all_people()}


def _codes() -> dict[int, str]:
    return {one.id: one.code for one in departments.list_departments()}


def _department_after(row: TableRow, present: Person | None, codes: Mapping[int, str]) -> str | None:
    if "department" in row.values:
        found: str | None = row.values["department"]
        return found
    return None if present is None else codes.get(present.department_id or 0)


def _planned_person(row: TableRow, present: Person | None, codes: Mapping[int, str]) -> PlannedRow:
    return planned_row(row, row.values["login"], None if present is None else _person_facts(present, codes))


def _person_facts(row: Person, codes: Mapping[int, str]) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in ("login", "name", "role", "language", "is_active")}
    return facts | {"department": codes.get(row.department_id or 0)}


def _require_administrator(known: Mapping[str, Person], read: Sequence[TableRow]) -> None:
    after = {login: (one.role, one.is_active) for login, one in known.items()}
    for row in read:
        was = after.get(row.values["login"], ("", True))
        after[row.values["login"]] = (row.values["role"], row.values.get("is_active", was[1]))
    if ("administrator", True) not in after.values():
        raise RuleError("person.last_administrator", kind="conflict")


def export_people() -> list[list[str]]:
    """Return all people as the cells of a spreadsheet under a header, escaped."""
    codes = _codes()
    return write_table(PEOPLE_COLUMNS, [_person_facts(one, codes) for one in _known().values()])


def import_people(
    rows: Sequence[NumberedRow], digest: str, by: str, now: dt.datetime, most: int | None = None
) -> tuple[ImportPlan, list[InvitedPerson]]:
    """Write what a preview showed; return it with the invitations of new active people.

    Args:
        rows: those of the file.
        digest: that of the preview.
        by: who confirms it.
        now: when (UTC).
        most: rows to write; None for all. Active administrators come first, so that there is always one.

    Raises:
        RuleError: `table.stale` (conflict) when the file would now do something else; as `plan_people`.
    """
    with transaction(by, now) as uow:
        advisory_lock("people")
        plan = plan_people(rows)
        plan.require_digest(digest)
        plan = plan.part(most, lambda row: 0 if _is_administrator(row) else 1)
        ids = {code: key for key, code in _codes().items()}
        known = _known()
        invited = [_add(uow, one.row.values, ids) for one in plan.of_kind("new")]
        for one in plan.of_kind("changed"):
            _change_person(uow, known[one.key], one.changes, ids)
        if plan.counts["new"] or plan.counts["changed"]:
            uow.record("sheet.imported", "people", {"sheet": "people"} | plan.counts)
    return plan, [one for one in invited if one is not None]


def _is_administrator(row: PlannedRow) -> bool:
    values = row.row.values
    return bool(values["role"] == "administrator" and values.get("is_active", True))


def _add(uow: UnitOfWork, values: Mapping[str, Any], ids: Mapping[str, int]) -> InvitedPerson | None:
    code = values.get("department")
    person = Person(
        login=values["login"],
        name=values["name"],
        role=values["role"],
        department_id=None if code is None else ids[code],
        language=values.get("language", "en"),
        is_active=values.get("is_active", True),
        created_at=uow.now,
    )
    db.session.add(person)
    db.session.flush()
    detail = {name: values.get(name) for name in ("login", "name", "role", "department")}
    uow.record("person.added", f"person:{person.id}", detail)
    if not person.is_active:
        return None
    token = secrets.token_urlsafe(32)
    link = SignInLink(
        token_hash=hash_of(token), purpose=PASSWORD_LINK, person_id=person.id, expires_at=uow.now + INVITATION_FOR
    )
    db.session.add(link)
    db.session.flush()
    uow.record("password.link_created", f"person:{person.id}", {"link": link.id, "kind": "invitation"})
    return InvitedPerson(person.login, person.name, token)


def _change_person(
    uow: UnitOfWork, person: Person, changes: Mapping[str, tuple[Any, Any]], ids: Mapping[str, int]
) -> None:
    for name, (_, after) in changes.items():
        if name == "department":
            person.department_id = None if after is None else ids[after]
        else:
            setattr(person, name, after)
    if not person.is_active:
        people.end_sessions(person.id, uow.now)
    detail = {
        "before": {name: pair[0] for name, pair in changes.items()},
        "after": {name: pair[1] for name, pair in changes.items()},
    }
    uow.record("person.changed", f"person:{person.id}", detail)
