"""The roles of people on an incident beside its owner, who leads the work."""

from collections.abc import Mapping

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.incidents.roles import ROLES, IncidentDuty
from incident.store.db.database import Base, db


class IncidentRole(Base):
    """Who is liaison or speaks for an incident; one person for each role."""

    __tablename__ = "incident_roles"
    __table_args__ = (CheckConstraint("role IN ('liaison', 'communication')", name="role"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    role: Mapped[IncidentDuty] = mapped_column(String(20), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)


def holders_of(incident_id: int) -> Mapping[str, int]:
    """Return the ids of the people with a role on an incident, in the order of the roles."""
    wanted = select(IncidentRole.role, IncidentRole.person_id).where(IncidentRole.incident_id == incident_id)
    found = dict(db.session.execute(wanted).all())
    return {role: found[role] for role in ROLES if role in found}


def put_holder(incident_id: int, role: IncidentDuty, person_id: int | None) -> None:
    """Give a role to a person, None for nobody."""
    its = (IncidentRole.incident_id == incident_id, IncidentRole.role == role)
    db.session.execute(delete(IncidentRole).where(*its))
    if person_id is not None:
        db.session.add(IncidentRole(incident_id=incident_id, role=role, person_id=person_id))
        db.session.flush()
