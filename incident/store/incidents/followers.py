"""Who follows which incident."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, upsert


class IncidentFollower(Base):
    """A person who is notified of changes on an incident."""

    __tablename__ = "incident_followers"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    followed_at: Mapped[dt.datetime]


def follow(incident_id: int, person_id: int, now: dt.datetime) -> None:
    """Let a person follow an incident, who may do so already."""
    row = upsert(IncidentFollower).values(incident_id=incident_id, person_id=person_id, followed_at=now)
    db.session.execute(row.on_conflict_do_nothing())


def unfollow(incident_id: int, person_id: int) -> None:
    """Let a person follow an incident no longer."""
    its = (IncidentFollower.incident_id == incident_id, IncidentFollower.person_id == person_id)
    db.session.execute(delete(IncidentFollower).where(*its))


def followers_of(incident_id: int) -> Sequence[int]:
    """Return the ids of the people who follow an incident."""
    return db.session.scalars(
        select(IncidentFollower.person_id).where(IncidentFollower.incident_id == incident_id)
    ).all()


def is_following(incident_id: int, person_id: int) -> bool:
    """Return whether a person follows an incident."""
    return db.session.get(IncidentFollower, (incident_id, person_id)) is not None
