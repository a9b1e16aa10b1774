"""Changes of people: name, role, department, language, leaving and returning."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.directory.people import department_for
from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.core.values.text import require_name
from incident.store.db.database import advisory_lock, db
from incident.store.directory import people
from incident.store.directory.departments import Department
from incident.store.directory.people import Person


def change_person(person_id: int, changes: Mapping[str, Any], by: str, now: dt.datetime) -> Person:
    """Change a person who signs in; a deactivated one is signed out everywhere and ignored in rotas.

    Args:
        person_id: who.
        changes: new values of `name`, `role`, `department` (a code or None), `language`, `is_active`.
        by: who changes it.
        now: when (UTC).

    Raises:
        RuleError: `person.unknown` (not found), `person.last_administrator` (conflict), `role.unknown`,
            `department.unknown`, `department.needed`, `name.invisible`.
    """
    with transaction(by, now) as uow:
        advisory_lock("people")  # of two administrators who deactivate each other, the second is refused
        person = db.session.get(Person, person_id, populate_existing=True)
        if person is None:
            raise RuleError("person.unknown", {"login": person_id}, kind="not_found")
        new = {name: value for name, value in changes.items() if name != "department"}
        if new.get("name", person.name) != person.name:
            require_name(new["name"])
        if "department" in changes or "role" in changes:
            found = department_for(new.get("role", person.role), changes.get("department"))
            new["department_id"] = None if found is None else found.id
        before = {name: getattr(person, name) for name, value in new.items() if getattr(person, name) != value}
        if not before:
            return person
        for name in before:
            setattr(person, name, new[name])
        db.session.flush()
        if not people.has_administrator():
            raise RuleError("person.last_administrator", kind="conflict")
        if not person.is_active:
            people.end_sessions(person.id, now)
        after = {name: new[name] for name in before}
        uow.record("person.changed", f"person:{person.id}", {"before": _details(before), "after": _details(after)})
    return person


def _details(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in the form of the journal: a department by its code."""
    details = {name: value for name, value in values.items() if name != "department_id"}
    if "department_id" in values:
        found = None if values["department_id"] is None else db.session.get_one(Department, values["department_id"])
        details["department"] = None if found is None else found.code
    return details
