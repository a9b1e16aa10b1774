"""The outbox: messages of visible incidents."""

from collections.abc import Sequence

from sqlalchemy import select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Message
from incident.store.queries.visibility import visible_incidents


def latest_messages(
    viewer: Viewer, before: int | None, limit: int, incident_id: int | None = None
) -> Sequence[Message]:
    """Return messages of visible incidents, or of one of them, newest first, with ids below the given one."""
    query = select(Message).join(Incident, Incident.id == Message.incident_id)
    if incident_id is not None:
        query = query.where(Message.incident_id == incident_id)
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    if before is not None:
        query = query.where(Message.id < before)
    return db.session.scalars(query.order_by(Message.id.desc()).limit(limit)).all()
