"""The people on an incident: those with a role, and those named on it, who see it when TLP:RED."""

from collections.abc import Mapping, Sequence
from typing import Any

from incident.actions.incidents import owners
from incident.actions.incidents.owners import Assignment, Facts
from incident.core.incidents.roles import ROLES, IncidentDuty
from incident.core.values.faults import RuleError, raise_all
from incident.store.directory.people import active_by_logins, people_of, person_by_login
from incident.store.incidents.incidents import Incident, name_person, people_on, remove_person
from incident.store.incidents.roles import holders_of, put_holder


def change_people(incident: Incident, changes: Mapping[str, Any]) -> Assignment:
    """Change owner, roles and named people of an incident; return what the journal records.

    Args:
        incident: the incident.
        changes: `owner`, `liaison` and `communication` are logins or None, `people` the logins of all named people. Who
            owns the incident or holds a role stays named.

    Raises:
        RuleError: `person.unknown` for each login that nobody has, those of `owners.require_owner`.
    """
    assigned = owners.assign(incident, changes["owner"]) if "owner" in changes else Assignment({}, {})
    before, after = assigned.before, assigned.after
    for role in ROLES:
        if role in changes:
            old, new = _give_role(incident, role, changes[role])
            before, after = before | old, after | new
    if "people" in changes:
        old, new = _name_people(incident, changes["people"])
        before, after = before | old, after | new
    return Assignment(before, after, assigned.is_named)


def _give_role(incident: Incident, role: IncidentDuty, login: str | None) -> tuple[Facts, Facts]:
    holder, found = holders_of(incident.id).get(role), None if login is None else person_by_login(login)
    if login is not None and found is None:
        raise RuleError("person.unknown", {"login": login}, pointer=f"/{role}")
    if found is not None:
        name_person(incident.id, found.id)
    person_id = None if found is None else found.id
    if holder == person_id:
        return {}, {}
    put_holder(incident.id, role, person_id)
    return {role: owners.owner_facts(holder)}, {role: owners.owner_facts(person_id)}


def _name_people(incident: Incident, logins: Sequence[str]) -> tuple[Facts, Facts]:
    known = {one.login: one for one in active_by_logins(logins)}
    raise_all(
        RuleError("person.unknown", {"login": login}, pointer=f"/people/{index}")
        for index, login in enumerate(logins)
        if login not in known
    )
    kept = set(holders_of(incident.id).values()) | {incident.owner_id}
    named = set(people_on(incident.id))
    wanted = {one.id for one in known.values()} | (named & kept)
    if wanted == named:
        return {}, {}
    for person_id in sorted(wanted - named):
        name_person(incident.id, person_id)
    for person_id in sorted(named - wanted):
        remove_person(incident.id, person_id)
    return {"people": _named(named)}, {"people": _named(wanted)}


def _named(ids: set[int]) -> list[Facts]:
    return [{"login": one.login, "name": one.name} for one in sorted(people_of(ids), key=lambda one: one.id)]
