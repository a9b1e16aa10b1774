"""Tickets of other systems that belong to incidents."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class ExternalTicket(Base):
    """A ticket in another system about an incident: the name of the system, its key there, and its address."""

    __tablename__ = "incident_tickets"
    __table_args__ = (UniqueConstraint("incident_id", "system", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    system: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(2048))
    linked_at: Mapped[dt.datetime]
    linked_by: Mapped[str] = mapped_column(String(300))


def tickets_of(incident_id: int) -> Sequence[ExternalTicket]:
    """Return the tickets of an incident, oldest first."""
    wanted = select(ExternalTicket).where(ExternalTicket.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(ExternalTicket.id)).all()


def count_tickets(incident_id: int) -> int:
    """Count the tickets of an incident."""
    wanted = select(func.count()).select_from(ExternalTicket).where(ExternalTicket.incident_id == incident_id)
    return db.session.scalar(wanted) or 0


def ticket_by_key(incident_id: int, system: str, key: str) -> ExternalTicket | None:
    """Return the ticket of an incident with this key in a system."""
    return db.session.scalar(
        select(ExternalTicket).where(
            ExternalTicket.incident_id == incident_id, ExternalTicket.system == system, ExternalTicket.key == key
        )
    )
