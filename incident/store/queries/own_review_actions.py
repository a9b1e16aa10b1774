"""The open actions of reviews that a person owns, of incidents that they may see."""

from collections.abc import Sequence

from sqlalchemy import Row, select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.closing_reviews import ACTION_OPEN, ReviewAction
from incident.store.incidents.incidents import Incident
from incident.store.queries.visibility import visible_incidents


def own_open_actions(viewer: Viewer, limit: int) -> Sequence[Row[ReviewAction, Incident]]:
    """Return the open actions of the viewer with their incidents, those that are due first in front."""
    if not isinstance(viewer.person_id, int):
        return ()
    wanted = select(ReviewAction, Incident).join(Incident, Incident.id == ReviewAction.incident_id)
    wanted = wanted.where(ACTION_OPEN, ReviewAction.owner_id == viewer.person_id)
    visible = visible_incidents(viewer)
    if visible is not None:
        wanted = wanted.where(visible)
    return db.session.execute(wanted.order_by(ReviewAction.due_at, ReviewAction.id).limit(limit)).all()
