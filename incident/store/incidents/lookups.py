"""Incidents by their ids or numbers, for lists of what belongs to incidents."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from sqlalchemy import Select, select

from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import db
from incident.store.incidents.incidents import (
    Incident,
    IncidentDepartment,
    IncidentPerson,
    add_department,
    departments_on,
)


def incidents_by_id(incident_ids: Collection[int | None]) -> Mapping[int | None, Incident]:
    """Return incidents by id; None is that of what belongs to no incident."""
    found = rows_by_ids(Incident, (one for one in incident_ids if one is not None))
    return cast("dict[int | None, Incident]", found)


def departments_on_each(incident_ids: Collection[int]) -> Mapping[int, set[int]]:
    """Return the ids of the departments on each of these incidents that has any."""
    if not incident_ids:
        return {}
    query = select(IncidentDepartment.incident_id, IncidentDepartment.department_id)
    return _grouped(query.where(IncidentDepartment.incident_id.in_(list(incident_ids))))


def leading_departments(incident_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
    """Return the leading department of each of these incidents, or all on it where none leads, by ids.

    Departments that have only received a report are left out.
    """
    if not incident_ids:
        return {}
    is_responsible = IncidentDepartment.is_recipient.is_(False)
    query = select(IncidentDepartment).where(IncidentDepartment.incident_id.in_(list(incident_ids)), is_responsible)
    leading: dict[int, list[int]] = {}
    others: dict[int, list[int]] = {}
    for row in db.session.scalars(query.order_by(IncidentDepartment.place, IncidentDepartment.department_id)):
        (others if row.place else leading).setdefault(row.incident_id, []).append(row.department_id)
    return others | leading


def people_on_each(incident_ids: Collection[int]) -> Mapping[int, set[int]]:
    """Return the ids of the people named on each of these incidents that names any."""
    if not incident_ids:
        return {}
    query = select(IncidentPerson.incident_id, IncidentPerson.person_id)
    return _grouped(query.where(IncidentPerson.incident_id.in_(list(incident_ids))))


def _grouped(query: Select[int, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for incident_id, other_id in db.session.execute(query):
        found.setdefault(incident_id, set()).add(other_id)
    return found


def incidents_by_number(numbers: Collection[str]) -> Mapping[str, Incident]:
    """Return incidents by number."""
    found = db.session.scalars(select(Incident).where(Incident.number.in_(list(numbers))))
    return {incident.number: incident for incident in found}


def numbers_of(incident_ids: Collection[int | None]) -> Mapping[int | None, str]:
    """Return the numbers of incidents by id; None is that of what belongs to no incident."""
    ids = [one for one in incident_ids if one is not None]
    if not ids:
        return {}
    query = select(Incident.id, Incident.number).where(Incident.id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(query)}


def responsible_on(incident_id: int) -> Sequence[int]:
    """Return the ids of the departments on an incident as `departments_on`, without mere recipients of reports."""
    its = (IncidentDepartment.incident_id == incident_id, IncidentDepartment.is_recipient.is_(False))
    wanted = select(IncidentDepartment.department_id).where(*its)
    return db.session.scalars(wanted.order_by(IncidentDepartment.place, IncidentDepartment.department_id)).all()


def put_department_on(incident_id: int, department_id: int, *, is_recipient: bool = False) -> bool:
    """Put a department on an incident, after the existing ones; return whether it is new.

    One that was only a recipient of a report becomes responsible, not the other way round.
    """
    row = db.session.get(IncidentDepartment, (incident_id, department_id))
    if row is not None:
        row.is_recipient = row.is_recipient and is_recipient
        return False
    add_department(incident_id, department_id, len(departments_on(incident_id)), is_recipient=is_recipient)
    db.session.flush()
    return True
