"""The list of statutory clocks of all incidents, those due next first; visible incidents only."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, and_, or_, select

from incident.core.deadlines.clocks import OPEN_STATES
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import OPEN, IncidentClock
from incident.store.incidents.incidents import Incident
from incident.store.queries.visibility import visible_incidents


def list_clocks(
    viewer: Viewer,
    state: str | None,
    due_before: dt.datetime | None,
    after: tuple[dt.datetime | None, int] | None,
    limit: int,
) -> Sequence[tuple[IncidentClock, Incident]]:
    """Return clocks with their incidents: those that run by what is due next, others by their ids.

    Args:
        viewer: who requests them.
        state: the state; None for those that run.
        due_before: only those due before (UTC).
        after: due and id of the last one of the previous page.
        limit: the maximum number.
    """
    query = select(IncidentClock, Incident).join(Incident, Incident.id == IncidentClock.incident_id)
    query = query.where(*_conditions(state, due_before), *_visible(viewer))
    if state not in (None, *OPEN_STATES):
        query = query.where(IncidentClock.id > (after[1] if after else 0)).order_by(IncidentClock.id)
    else:
        query = query.order_by(IncidentClock.due_at, IncidentClock.id)
        if after is not None and after[0] is not None:
            is_later = IncidentClock.due_at > after[0]
            query = query.where(or_(is_later, and_(IncidentClock.due_at == after[0], IncidentClock.id > after[1])))
    return [(row.IncidentClock, row.Incident) for row in db.session.execute(query.limit(limit)).all()]


def running_clock_ids(viewer: Viewer, due_before: dt.datetime | None = None) -> Select[*tuple[Any, ...]]:
    """Return the query for the clocks that run, or for those of them that are due before a moment (UTC)."""
    query = select(IncidentClock.id).where(*_conditions(None, due_before))
    visible = _visible(viewer)
    return query.join(Incident, Incident.id == IncidentClock.incident_id).where(*visible) if visible else query


def _conditions(state: str | None, due_before: dt.datetime | None) -> Sequence[ColumnElement[bool] | TextClause]:
    its = OPEN if state is None else IncidentClock.state == state
    return [its] if due_before is None else [its, IncidentClock.due_at < due_before]


def _visible(viewer: Viewer) -> Sequence[ColumnElement[bool]]:
    visible = visible_incidents(viewer)
    return [] if visible is None else [visible]


def open_incidents_with_sectors() -> Sequence[tuple[int, str | None]]:
    """Return the ids of open incidents with their sectors."""
    wanted = select(Incident.id, Incident.sector).where(Incident.status != "closed").order_by(Incident.id)
    return [(row[0], row[1]) for row in db.session.execute(wanted)]
