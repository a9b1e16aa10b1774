"""People of a rota who would not do as duty officers: not of the department, or without a contact."""

from collections.abc import Collection
from dataclasses import dataclass

from incident.store.directory.contact_addresses import contacts_of_people
from incident.store.directory.members import members_of
from incident.store.directory.people import active_by_logins


@dataclass(frozen=True)
class UnreadyPerson:
    """A person of a rota with what is missing."""

    name: str
    is_member: bool
    has_contact: bool


def unready_people(department_id: int, logins: Collection[str]) -> list[UnreadyPerson]:
    """Return the active people among these who are no members of a department or have no contact, by name."""
    found = active_by_logins(logins)
    members = {one.person_id for one in members_of(department_id)}
    contacts = contacts_of_people(department_id, [one.id for one in found])
    checked = [UnreadyPerson(one.name, one.id in members, bool(contacts[one.id])) for one in found]
    return sorted((one for one in checked if not (one.is_member and one.has_contact)), key=lambda one: one.name)
