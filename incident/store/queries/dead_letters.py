"""Dead letters: messages that were refused or given up, and are not retried automatically."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from incident.core.values.access import Viewer
from incident.store.db.counting import count_some
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import EXERCISE, Incident
from incident.store.notifications.messages import DEAD_MESSAGES, Message
from incident.store.notifications.notices import Notice
from incident.store.queries.urgent_reports import urgent_visibility
from incident.store.queries.visibility import visible_incidents


@dataclass(frozen=True, kw_only=True)
class DeadFilter:
    """Filter of dead letters; None matches all."""

    incident_id: int | None = None
    department_id: int | None = None
    channel: str | None = None
    state: str | None = None


def list_dead(viewer: Viewer, wanted: DeadFilter, before: int | None, limit: int) -> Sequence[Message]:
    """Return dead letters about incidents that the viewer may see, newest first, with ids below the given one."""
    query = _dead(viewer).join(Contact, Contact.id == Message.contact_id)
    pairs = (
        (Message.incident_id, wanted.incident_id),
        (Contact.department_id, wanted.department_id),
        (Contact.channel, wanted.channel),
        (Message.state, wanted.state),
    )
    query = query.where(*(column == value for column, value in pairs if value is not None))
    if before is not None:
        query = query.where(Message.id < before)
    return db.session.scalars(query.order_by(Message.id.desc()).limit(limit)).all()


def count_dead(viewer: Viewer) -> int:
    """Count the dead letters that the viewer may see, without exercises, up to `MAX_COUNT`."""
    return count_some(dead_ids(viewer))


def dead_ids(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query for the dead letters that the viewer may see, without exercises."""
    exercises = select(Incident.id).where(EXERCISE)
    few = _dead(viewer).where(or_(Message.incident_id.is_(None), Message.incident_id.not_in(exercises)))
    return few.with_only_columns(Message.id)


def _dead(viewer: Viewer) -> Select[Message]:
    query = select(Message).outerjoin(Incident, Incident.id == Message.incident_id).where(DEAD_MESSAGES)
    visible = visible_incidents(viewer)
    of_incident = Message.incident_id.is_not(None) if visible is None else visible
    return query.where(or_(of_incident, Message.notice_id.in_(select(Notice.id).where(urgent_visibility(viewer)))))
