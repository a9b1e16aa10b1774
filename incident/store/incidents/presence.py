"""Who has the page of which incident open, written by each web process from time to time."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import ForeignKey, delete, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, upsert


class IncidentViewer(Base):
    """A person who had the page of an incident open at `seen_at`."""

    __tablename__ = "incident_viewers"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    seen_at: Mapped[dt.datetime] = mapped_column(index=True)


def note_viewers(pages: Collection[tuple[int, int]], now: dt.datetime) -> None:
    """Write that people have pages open: pairs of the ids of incident and person."""
    rows = [{"incident_id": incident, "person_id": person, "seen_at": now} for incident, person in sorted(pages)]
    if rows:
        seen = upsert(IncidentViewer).values(rows)
        kept = seen.on_conflict_do_update(
            index_elements=["incident_id", "person_id"], set_={"seen_at": seen.excluded["seen_at"]}
        )
        db.session.execute(kept)


def viewers_of(incident_ids: Collection[int], since: dt.datetime) -> Mapping[int, frozenset[int]]:
    """Return the ids of the people who have had the page of each incident open since a moment."""
    wanted = select(IncidentViewer.incident_id, IncidentViewer.person_id)
    wanted = wanted.where(IncidentViewer.incident_id.in_(list(incident_ids)), IncidentViewer.seen_at > since)
    found: dict[int, set[int]] = {}
    for incident_id, person_id in db.session.execute(wanted):
        found.setdefault(incident_id, set()).add(person_id)
    return {incident_id: frozenset(found.get(incident_id, ())) for incident_id in incident_ids}


def remove_viewers(pages: Collection[tuple[int, int]]) -> None:
    """Delete that people have pages open: pairs of the ids of incident and person."""
    its_page = tuple_(IncidentViewer.incident_id, IncidentViewer.person_id)
    if pages:
        db.session.execute(delete(IncidentViewer).where(its_page.in_(sorted(pages))))


def forget_viewers(before: dt.datetime) -> None:
    """Delete who had a page open before a moment."""
    db.session.execute(delete(IncidentViewer).where(IncidentViewer.seen_at < before))
