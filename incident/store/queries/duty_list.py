"""Departments with a duty rota, for the overview."""

from collections.abc import Sequence

from sqlalchemy import case, select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.duty.rotas import DutyRota


def departments_with_rota(viewer: Viewer, limit: int) -> Sequence[Department]:
    """Return departments with a rota that the viewer may see, their own first, then by code."""
    own = [one for one in viewer.department_ids if isinstance(one, int)]
    query = select(Department).join(DutyRota, DutyRota.department_id == Department.id)
    if viewer.role == "department":
        query = query.where(Department.id.in_(own))
    place = case((Department.id.in_(own), 0), else_=1)
    return db.session.scalars(query.order_by(place, Department.code).limit(limit)).all()
