"""The rows of an export: facts of incidents by id, those that the viewer may still see."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select

from incident.core.incidents.listing.export import ExportedIncident
from incident.core.values.access import Viewer
from incident.store.db.database import db, table_of
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.queries.notice_list import notification_progress
from incident.store.queries.visibility import visible_incidents

_incidents, _people = table_of(Incident), table_of(Person)
_FACTS = (
    *("number", "title", "status", "grade", "tlp", "opened_at", "changed_at", "next_due_at"),
    *("category", "source", "region", "sector"),
)


def exported_incidents(viewer: Viewer, incident_ids: Sequence[int]) -> Mapping[int, ExportedIncident]:
    """Return incidents by id in the given order; those that the viewer may not see are left out."""
    query = (
        select(*(_incidents.c[name] for name in ("id", "speed", *_FACTS)), _people.c.login, _people.c.name)
        .join_from(_incidents, _people, _people.c.id == _incidents.c.owner_id, isouter=True)
        .where(_incidents.c.id.in_(list(incident_ids)))
    )
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    rows = {row.id: row for row in db.session.execute(query)}
    departments, progress = _departments(rows), notification_progress(rows)
    return {
        row.id: ExportedIncident(
            **{name: getattr(row, name) for name in _FACTS},
            owner=None if row.login is None else (row.login, row.name),
            departments=departments[row.id],
            answers=progress[row.id].state,
            is_exercise=row.speed is not None,
        )
        for row in (rows[one] for one in incident_ids if one in rows)
    }


def _departments(incident_ids: Collection[int]) -> Mapping[int, list[tuple[str, str]]]:
    query = (
        select(IncidentDepartment.incident_id, Department.code, Department.name)
        .join(Department, Department.id == IncidentDepartment.department_id)
        .where(IncidentDepartment.incident_id.in_(list(incident_ids)))
        .order_by(IncidentDepartment.incident_id, IncidentDepartment.place, IncidentDepartment.department_id)
    )
    found: dict[int, list[tuple[str, str]]] = {one: [] for one in incident_ids}
    for incident_id, code, name in db.session.execute(query):
        found[incident_id].append((code, name))
    return found


def all_visible(viewer: Viewer, incident_ids: Sequence[int]) -> bool:
    """Whether a viewer may see each of some incidents."""
    visible = visible_incidents(viewer)
    if visible is None:
        return True
    seen = select(func.count()).where(Incident.id.in_(list(incident_ids)), visible)
    return db.session.scalar(seen) == len(incident_ids)
