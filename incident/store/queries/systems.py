"""Systems with their departments: for the index of all, and of one incident."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from incident.core.systems.matching import IndexedSystem
from incident.store.db.database import db, table_of
from incident.store.db.prepared import fetch_all
from incident.store.directory.departments import Department
from incident.store.systems.systems import IncidentSystem, System

_systems, _links, _departments = table_of(System).c, table_of(IncidentSystem).c, table_of(Department).c

_INDEXED: Any = (
    _systems.id,
    _systems.code,
    _departments.code.label("owner"),
    _systems.protection_level,
    _systems.criticality,
    _systems.addresses,
    _systems.names,
)
_WITH_OWNER = table_of(System).outerjoin(table_of(Department), _departments.id == _systems.department_id)


def indexed_systems() -> list[IndexedSystem]:
    """Return the active systems in the form of the index."""
    query = select(*_INDEXED).select_from(_WITH_OWNER).where(_systems.is_active)
    return [IndexedSystem(*row) for row in db.session.execute(query)]


def indexed_by_codes(codes: Collection[str]) -> dict[str, IndexedSystem]:
    """Return the systems that exist among these codes, active or not, in the form of the index."""
    query = select(*_INDEXED).select_from(_WITH_OWNER).where(_systems.code.in_(list(codes)))
    return {row.code: IndexedSystem(*row) for row in db.session.execute(query)} if codes else {}


def systems_of_incident(incident_id: int) -> tuple[IndexedSystem, ...]:
    """Return the systems of an incident in the form of the index, for the routing rules."""
    query = select(*_INDEXED).select_from(_WITH_OWNER.join(table_of(IncidentSystem), _links.system_id == _systems.id))
    wanted = query.where(_links.incident_id == incident_id, _links.removed_at.is_(None)).order_by(_systems.id)
    return tuple(IndexedSystem(*row) for row in db.session.execute(wanted))


class SystemOn(NamedTuple):
    """A system of an incident, with the code and the name of its owner, and how it was matched."""

    id: int
    code: str
    name: str
    department_id: int | None
    owner: str | None
    owner_name: str | None
    protection_level: int | None
    criticality: str | None
    is_critical_infrastructure: bool
    matched_by: str
    seen: str | None


_ON = (
    select(
        _systems.id,
        _systems.code,
        _systems.name,
        _systems.department_id,
        _departments.code.label("owner"),
        _departments.name.label("owner_name"),
        _systems.protection_level,
        _systems.criticality,
        _systems.is_critical_infrastructure,
        _links.matched_by,
        _links.seen,
    )
    .select_from(_WITH_OWNER.join(table_of(IncidentSystem), _links.system_id == _systems.id))
    .where(_links.incident_id == bindparam("incident_id"), _links.removed_at.is_(None))
    .order_by(_systems.code)
)


def systems_on(incident_id: int) -> Sequence[SystemOn]:
    """Return the systems of an incident by code."""
    return [SystemOn(*row) for row in fetch_all(db.session.connection(), _ON, incident_id=incident_id)]
