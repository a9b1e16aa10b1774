"""In how many incidents each technique of ATT&CK was seen."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import func, select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.techniques import IncidentTechnique
from incident.store.queries.visibility import visible_incidents


def count_by_technique(viewer: Viewer, since: dt.datetime, until: dt.datetime) -> Mapping[str, int]:
    """Count the incidents in which each technique was seen, without exercises.

    Args:
        viewer: only incidents that they may see count.
        since: incidents opened from here (UTC).
        until: incidents opened before (UTC).
    """
    query = (
        select(IncidentTechnique.technique, func.count())
        .join(Incident, Incident.id == IncidentTechnique.incident_id)
        .where(Incident.opened_at >= since, Incident.opened_at < until, Incident.speed.is_(None))
        .group_by(IncidentTechnique.technique)
    )
    visible = visible_incidents(viewer)
    return dict(db.session.execute(query if visible is None else query.where(visible)).all())
