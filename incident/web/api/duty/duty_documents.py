"""Representations of members, rotas and on-call people in the API."""

import datetime as dt

from incident.actions.notifications.on_duty import Plan, expected_years
from incident.core.duty.on_duty import Duty
from incident.core.values.moment import format_moment
from incident.store.directory import contact_addresses, departments, members
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.web.api.delivery.contact_documents import contact_document
from incident.web.api.document_parts import Document, moment
from incident.web.security import access


def members_document(department: Department) -> Document:
    """Serialize the members of a department."""
    rows = members.members_of(department.id)
    shown = [
        {
            "person": row.person.login,
            "name": row.person.name,
            "position": row.position,
            "is_active": row.person.is_active,
        }
        for row in rows
    ]
    return {"members": shown}


def duty_document(department: Department, plan: Plan | None, at: dt.datetime) -> Document:
    """Serialize who is on duty in a department at a moment; contacts only for callers who may read these."""
    found = Duty() if plan is None else plan.on_duty(at)
    people = () if plan is None else plan.people_of(found)
    positions = {row.person_id: row.position for row in members.members_of(department.id)}
    return {
        "at": format_moment(at),
        "people": [
            {"login": one.login, "name": one.name, "position": positions.get(one.id)} | _contacts(department, one)
            for one in people
        ],
        "because": [reason.to_json() for reason in found.because],
        "rotation": found.rotation,
        "is_gap": found.is_gap,
        "has_rota": plan is not None,
        "until": moment(plan.until(at)) if plan is not None else None,
    }


def gaps_document(department: Department, plan: Plan, start: dt.datetime, end: dt.datetime) -> Document:
    """Serialize the gaps in a rota between two moments."""
    return {
        "until": format_moment(end),
        "items": [{"from": format_moment(gap.start), "until": format_moment(gap.end)} for gap in plan.gaps(start, end)],
        "expected_years": expected_years(department, start, end),
        "absent": sorted(plan.absent),
    }


def _contacts(department: Department, person: Person) -> Document:
    if not access.is_allowed("contact.read"):
        return {}
    contacts = contact_addresses.contacts_of_people(department.id, [person.id])[person.id]
    return {
        "contacts": [contact_document(one) for one in departments.contacts_by_ids([contact.id for contact in contacts])]
    }
