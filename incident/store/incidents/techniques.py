"""The techniques of MITRE ATT&CK that were seen in incidents."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class IncidentTechnique(Base):
    """A technique that was seen in an incident, by its id in ATT&CK."""

    __tablename__ = "incident_techniques"
    __table_args__ = (Index("ix_incident_techniques_technique", "technique"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    technique: Mapped[str] = mapped_column(String(20), primary_key=True)
    added_at: Mapped[dt.datetime]
    added_by: Mapped[str] = mapped_column(String(300))


def techniques_of(incident_id: int) -> Sequence[str]:
    """Return the ids of the techniques of an incident, in the order of the ids."""
    wanted = select(IncidentTechnique.technique).where(IncidentTechnique.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(IncidentTechnique.technique)).all()


def technique_rows(incident_id: int) -> Sequence[IncidentTechnique]:
    """Return the techniques of an incident with who added them and when, in the order of their ids."""
    wanted = select(IncidentTechnique).where(IncidentTechnique.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(IncidentTechnique.technique)).all()
