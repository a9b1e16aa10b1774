"""Incidents by their ids or numbers, for lists of what belongs to incidents."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from incident.store.db.database import db
from incident.store.incidents.incidents import Incident


def incidents_by_id(incident_ids: Collection[int]) -> Mapping[int, Incident]:
    """Return incidents by id."""
    found = db.session.scalars(select(Incident).where(Incident.id.in_(list(incident_ids))))
    return {incident.id: incident for incident in found}


def incidents_by_number(numbers: Collection[str]) -> Mapping[str, Incident]:
    """Return incidents by number."""
    found = db.session.scalars(select(Incident).where(Incident.number.in_(list(numbers))))
    return {incident.number: incident for incident in found}


def numbers_of(incident_ids: Collection[int]) -> Mapping[int, str]:
    """Return the numbers of incidents by id."""
    if not incident_ids:
        return {}
    query = select(Incident.id, Incident.number).where(Incident.id.in_(list(incident_ids)))
    return {row[0]: row[1] for row in db.session.execute(query)}
