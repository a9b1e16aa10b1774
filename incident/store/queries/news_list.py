"""What is new for a person, of incidents that they may still see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import UNREAD, NewsItem
from incident.store.queries.visibility import visible_incidents


def unread_news(viewer: Viewer, limit: int) -> Sequence[Row[NewsItem, Incident]]:
    """Return what a person has not read yet, the newest first."""
    wanted = select(NewsItem, Incident).join(Incident, Incident.id == NewsItem.incident_id).where(_unread(viewer))
    return db.session.execute(wanted.order_by(NewsItem.at.desc(), NewsItem.id.desc()).limit(limit)).all()


def unread_news_ids(viewer: Viewer, visible: ColumnElement[bool] | None) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of what a person has not read yet, to count it.

    Args:
        viewer: the person.
        visible: the condition on incidents that they may see; None for all.
    """
    query = select(NewsItem.id).join(Incident, Incident.id == NewsItem.incident_id)
    query = query.where(NewsItem.person_id == viewer.person_id, UNREAD)
    return query if visible is None else query.where(visible)


def _unread(viewer: Viewer) -> ColumnElement[bool]:
    visible = visible_incidents(viewer)
    own = and_(NewsItem.person_id == viewer.person_id, UNREAD)
    return own if visible is None else and_(own, visible)
