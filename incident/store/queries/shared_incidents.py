"""Incidents as subscriptions get them: their facts, without description, notes and reports."""

from collections.abc import Collection

from sqlalchemy import BindParameter, bindparam, select

from incident.core.delivery.subscription import SharedIncident
from incident.store.db.database import db, table_of
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident, IncidentDepartment

_incidents = table_of(Incident)
_NUMBERS: BindParameter[list[str]] = bindparam("numbers", expanding=True)
_FACTS = (
    *("id", "number", "title", "category", "grade", "sector", "region", "campaign", "status", "tlp"),
    *("opened_at", "changed_at", "closed_at", "speed"),
)
_SHARED = select(*(_incidents.c[name] for name in _FACTS)).where(_incidents.c.number.in_(_NUMBERS))
_CODES_OF = (
    select(_incidents.c.number, Department.code)
    .join(IncidentDepartment, IncidentDepartment.incident_id == _incidents.c.id)
    .join(Department, Department.id == IncidentDepartment.department_id)
    .where(_incidents.c.number.in_(_NUMBERS))
    .order_by(IncidentDepartment.place, Department.id)
)
_SHARING = select(_incidents.c.number, _incidents.c.tlp, _incidents.c.speed).where(_incidents.c.number.in_(_NUMBERS))


def shared_incidents(numbers: Collection[str]) -> dict[str, SharedIncident]:
    """Return incidents by number, as they are now, with two queries."""
    if not numbers:
        return {}
    connection, wanted = db.session.connection(), {"numbers": list(numbers)}
    codes: dict[str, list[str]] = {}
    for number, code in connection.execute(_CODES_OF, wanted):
        codes.setdefault(number, []).append(code)
    found = {}
    for row in connection.execute(_SHARED, wanted).mappings():
        facts = {name: row[name] for name in _FACTS if name not in ("id", "speed")}
        shown = SharedIncident(
            **facts, departments=tuple(codes.get(row["number"], ())), is_exercise=row["speed"] is not None
        )
        found[shown.number] = shown
    return found


def sharing_of(numbers: Collection[str]) -> dict[str, tuple[str, bool]]:
    """Return the sharing level of incidents by number, and whether each is an exercise."""
    if not numbers:
        return {}
    found = db.session.connection().execute(_SHARING, {"numbers": list(numbers)})
    return {number: (tlp, speed is not None) for number, tlp, speed in found}
