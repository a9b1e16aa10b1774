"""Systems: added, changed, deleted."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.systems.system import MAX_SYSTEMS, RESERVED_CODES, SYSTEM_NAME_LIMIT
from incident.core.values.faults import RuleError, refuse_stale
from incident.core.values.text import require_name
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.systems import systems
from incident.store.systems.data_versions import SYSTEMS_DATA, renew_version
from incident.store.systems.systems import FACTS, System


def add_system(
    facts: Mapping[str, Any], by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> System:
    """Add a system.

    Args:
        facts: its columns by name, checked; `owner` is the code of its department.
        by: who.
        now: when (UTC).
        idempotency: that of the request.

    Raises:
        RuleError: `system.code_taken`, `system.too_many` (conflict), `department.unknown`, `name.invisible`.
    """

    def use_case() -> System:
        with transaction(by, now, idempotency) as uow:
            if systems.count_systems() >= MAX_SYSTEMS:
                raise RuleError("system.too_many", {"most": MAX_SYSTEMS}, kind="conflict")
            if systems.system_by_code(facts["code"]) is not None:
                raise RuleError("system.code_taken", {"code": facts["code"]}, kind="conflict", pointer="/code")
            row = add_in(uow, facts)
            renew_version(SYSTEMS_DATA)
            db.session.flush()
            uow.store_response(row)
        return row

    return retry_on_conflict(use_case)


def add_in(uow: UnitOfWork, facts: Mapping[str, Any]) -> System:
    """Add a system within the caller's transaction, which renews the version of the systems.

    Raises:
        RuleError: `system.code_reserved`, `department.unknown`, `name.invisible`.
    """
    if facts["code"] in RESERVED_CODES:
        raise RuleError("system.code_reserved", {"code": facts["code"]}, pointer="/code")
    columns = {"protection_level": None, "criticality": None, "addresses": (), "names": (), **_columns(facts)}
    row = System(code=facts["code"], created_at=uow.now, changed_at=uow.now, **_plain(columns))
    db.session.add(row)
    uow.record("system.added", f"system:{row.code}", {"code": row.code, **_plain(facts)})
    return row


def change_system(system_id: int, changes: Mapping[str, Any], version: int | None, by: str, now: dt.datetime) -> System:
    """Change facts of a system; what is the same already is no change.

    Args:
        system_id: the system.
        changes: new values by column; `owner` is the code of its department, None for none.
        version: the version that the caller has read; None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `version.stale` (conflict), `department.unknown`, `system.unknown` (not found), `name.invisible`.
    """
    with transaction(by, now) as uow:
        row = _locked(system_id)
        refuse_stale(row.version, version)
        if change_in(uow, row, changes):
            renew_version(SYSTEMS_DATA)
    return row


def change_in(uow: UnitOfWork, row: System, changes: Mapping[str, Any]) -> bool:
    """Change a system within the caller's transaction; return whether the version of the systems must be renewed."""
    wanted = _plain(_columns(changes))
    after = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not after:
        return False
    before = {name: getattr(row, name) for name in after}
    for name, value in after.items():
        setattr(row, name, value)
    row.changed_at = uow.now
    row.version += 1
    uow.record(
        "system.changed", f"system:{row.code}", {"before": _journal_detail(before), "after": _journal_detail(after)}
    )
    return True


def delete_system(system_id: int, version: int | None, by: str, now: dt.datetime) -> None:
    """Delete a system that no incident has.

    Raises:
        RuleError: `system.in_use`, `version.stale` (conflict), `system.unknown` (not found).
    """
    with transaction(by, now) as uow:
        row = _locked(system_id)
        refuse_stale(row.version, version)
        if systems.is_used(system_id):
            raise RuleError("system.in_use", kind="conflict")
        db.session.delete(row)
        uow.record("system.deleted", f"system:{row.code}", {"code": row.code, "name": row.name})
        renew_version(SYSTEMS_DATA)


def _locked(system_id: int) -> System:
    row = systems.lock_system(system_id)
    if row is None:
        raise RuleError("system.unknown", {"code": "?"}, kind="not_found")
    return row


def _columns(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of facts, with the id of the owner."""
    if "name" in facts:
        require_name(facts["name"], SYSTEM_NAME_LIMIT)
    columns = {name: facts[name] for name in FACTS if name in facts}
    if "owner" in facts:
        columns["department_id"] = None if facts["owner"] is None else _owner(facts["owner"]).id
    return columns


def _owner(code: str) -> Department:
    found = departments.department_by_code(code)
    if found is None:
        raise RuleError("department.unknown", {"code": code}, pointer="/owner")
    return found


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def _journal_detail(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns for the journal, which names the owner by its code."""
    told = {name: value for name, value in columns.items() if name != "department_id"}
    if "department_id" in columns:
        owner = columns["department_id"]
        told["owner"] = None if owner is None else db.session.get_one(Department, owner).code
    return told
