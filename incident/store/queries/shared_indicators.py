"""Indicators that several incidents have, and the incidents that share one; only those that the viewer may see."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlalchemy.orm import aliased

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, Indicator
from incident.store.queries.visibility import visible_incidents

MOST_SEEN: Final = 100
"""Incidents with an indicator are counted up to this number; an indicator of so many relates none."""

COMPARED: Final = 200
"""The first indicators of an incident by which related ones are found."""

_other = aliased(Indicator, name="other_indicators")


class RelatedIncident(NamedTuple):
    """An incident, and how many indicators it shares."""

    incident: Incident
    shared: int


def indicators_with_counts(viewer: Viewer, incident_id: int, after: int, limit: int) -> Sequence[Row[Any]]:
    """Return indicators of an incident, each with the number of other incidents that have it.

    Args:
        viewer: who asks; incidents that they may not see are not counted, and exercises neither.
        incident_id: the incident.
        after: the id of the last one of the page before, 0 for the first page.
        limit: the maximum number.

    Returns:
        Rows with `id`, `kind`, `value` and `seen`, which is at most `MOST_SEEN`.
    """
    wanted = select(Indicator.id, Indicator.kind, Indicator.value, _seen(viewer).label("seen"))
    wanted = wanted.where(Indicator.incident_id == incident_id, Indicator.id > after)
    return db.session.execute(wanted.order_by(Indicator.id).limit(limit)).all()


def _seen(viewer: Viewer) -> Any:
    """Return the number of other incidents with an indicator, counted no further than to `MOST_SEEN`."""
    elsewhere = (
        select(_other.incident_id)
        .distinct()
        .join(Incident, Incident.id == _other.incident_id)
        .where(
            _other.kind == Indicator.kind,
            _other.value == Indicator.value,
            _other.incident_id != Indicator.incident_id,
            *_shown(viewer),
        )
        .limit(MOST_SEEN)
        .correlate(Indicator)
        .subquery()
    )
    return select(func.count()).select_from(elsewhere).correlate(Indicator).scalar_subquery()


def _shown(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    visible = visible_incidents(viewer)
    return (Incident.speed.is_(None), true() if visible is None else visible)


def incidents_with(viewer: Viewer, kind: str, value: str, without: int, limit: int) -> Sequence[Incident]:
    """Return the newest incidents that have an indicator, other than one.

    Args:
        viewer: who asks.
        kind: of the indicator.
        value: of the indicator.
        without: the id of the incident that is left out.
        limit: the maximum number.
    """
    its = select(Indicator.incident_id).where(Indicator.kind == kind, Indicator.value == value)
    wanted = select(Incident).where(Incident.id.in_(its), Incident.id != without, *_shown(viewer))
    return db.session.scalars(wanted.order_by(Incident.id.desc()).limit(limit)).all()


def related_incidents(viewer: Viewer, incident_id: int, limit: int) -> Sequence[RelatedIncident]:
    """Return the incidents that share an indicator with one, those that share most first, then the newest.

    An indicator that very many incidents have relates none. Incidents that the viewer may not see are left out.
    """
    compared = [one for one in indicators_with_counts(viewer, incident_id, 0, COMPARED) if 0 < one.seen < MOST_SEEN]
    if not compared:
        return ()
    shared = func.count(Indicator.value.distinct()).label("shared")
    wanted = (
        select(Incident, shared)
        .join(_other, _other.incident_id == Incident.id)
        .join(Indicator, (Indicator.kind == _other.kind) & (Indicator.value == _other.value))
        .where(Indicator.id.in_([one.id for one in compared]), Incident.id != incident_id, *_shown(viewer))
        .group_by(Incident.id)
        .order_by(shared.desc(), Incident.id.desc())
    )
    return [RelatedIncident(row[0], row[1]) for row in db.session.execute(wanted.limit(limit))]
