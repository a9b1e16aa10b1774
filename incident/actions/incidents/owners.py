"""The owner of an incident: the person who leads the work on it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from incident.actions.unit_of_work import UnitOfWork
from incident.core.values.access import may_own
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.people import Person, person_by_login
from incident.store.incidents.incidents import Incident, name_person
from incident.store.queries.news_audience import Announcement

Facts = dict[str, Any]
"""Facts of an incident as the journal records them, before or after a change."""


def require_owner(login: str) -> Person:
    """Return the person with this login, who may own incidents.

    Raises:
        RuleError: `person.unknown`, `owner.not_allowed`.
    """
    found = person_by_login(login)
    if found is None:
        raise RuleError("person.unknown", {"login": login}, pointer="/owner")
    if not may_own(found.role):
        raise RuleError("owner.not_allowed", {"name": found.name}, pointer="/owner")
    return found


class Assignment(NamedTuple):
    """What the journal records of an assignment: `is_named` when it let the owner see the incident."""

    before: Facts
    after: Facts
    is_named: bool = False


def assign(incident: Incident, login: str | None) -> Assignment:
    """Give an incident another owner, None for nobody; return what the journal records, nothing without a change.

    The owner is named on the incident, and so may see it also when it is TLP:RED.

    Raises:
        RuleError: as `require_owner`.
    """
    found = None if login is None else require_owner(login)
    if incident.owner_id == (None if found is None else found.id):
        return Assignment({}, {})
    before = {"owner": owner_facts(incident.owner_id)}
    incident.owner_id = None if found is None else found.id
    is_named = found is not None and name_person(incident.id, found.id)
    return Assignment(before, {"owner": owner_facts(incident.owner_id)}, is_named)


def take_on(incident: Incident, person_id: int | None) -> Facts:
    """Make a person the owner of an incident that has none; return what the journal records."""
    if incident.owner_id is not None or person_id is None:
        return {}
    incident.owner_id = person_id
    return {"owner": owner_facts(person_id)}


def announce_owner(uow: UnitOfWork, incident: Incident, after: Mapping[str, Any]) -> None:
    """Notify the followers of an incident of its new owner, when the recorded facts after a change name one."""
    if "owner" in after:
        uow.news.append(Announcement(incident, "owner", (after["owner"] or {}).get("name", "")))


def owner_facts(person_id: int | None) -> Facts | None:
    """Return login and name of an owner, None for nobody."""
    if person_id is None:
        return None
    person = db.session.get_one(Person, person_id)
    return {"login": person.login, "name": person.name}
