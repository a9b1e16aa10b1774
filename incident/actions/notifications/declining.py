"""Notifies the coordinators of a declined notice at once, within the caller's transaction."""

from collections.abc import Sequence

from incident.actions.notifications import escalation
from incident.actions.unit_of_work import UnitOfWork
from incident.store.directory import departments, people
from incident.store.directory.departments import ContactAddress
from incident.store.incidents import incidents
from incident.store.incidents import rules as rule_sets
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice


def notify_coordinators(uow: UnitOfWork, notice: Notice, incident: Incident) -> list[str]:
    """Write the messages that say a department has declined; return the names of the contacts.

    All coordinators are notified by their own contacts. Where none of them has one: the first level of the department
    that leads the incident or, when that one declined, of the default departments of the rules.
    """
    found = _of_coordinators(notice) or _of_lead(notice, incident) or _of_default(notice)
    told = {contact.id: contact for contact in found}.values()
    for contact in told:
        escalation.add_message(uow, notice, contact, escalation.DECLINED)
    return [contact.name for contact in told]


def _of_coordinators(notice: Notice) -> Sequence[ContactAddress]:
    ways = departments.contacts_of_people(notice.department_id, people.people_of_role("coordinator"))
    return [contact for contacts in ways.values() for contact in contacts]


def _of_lead(notice: Notice, incident: Incident) -> Sequence[ContactAddress]:
    on_it = incidents.departments_on(incident.id)
    if not on_it or on_it[0] == notice.department_id:
        return ()
    return departments.contacts_at(on_it[0], 1)


def _of_default(notice: Notice) -> Sequence[ContactAddress]:
    book = rule_sets.rules_in_force()
    codes = (book.fallback or {}).get("departments", []) if book is not None else []
    known = departments.departments_by_codes(codes).values()
    others = [one.id for one in known if one.id != notice.department_id]
    return [contact for department_id in others for contact in departments.contacts_at(department_id, 1)]
