"""Single indicators of an incident, and their number."""

from sqlalchemy import func, select

from incident.store.db.database import db
from incident.store.incidents.incidents import Indicator


def count_indicators_of(incident_id: int) -> int:
    """Count the indicators of an incident."""
    wanted = select(func.count()).select_from(Indicator).where(Indicator.incident_id == incident_id)
    return db.session.scalar(wanted) or 0


def indicator_on(incident_id: int, indicator_id: int) -> Indicator | None:
    """Return an indicator of an incident by its id."""
    row = db.session.get(Indicator, indicator_id)
    return row if row is not None and row.incident_id == incident_id else None
