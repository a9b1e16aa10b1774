"""Lists of incoming papers: the register, what is due, what waits for a person; visible ones only."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, true, tuple_, union_all

from incident.core.documents.incoming import PaperState
from incident.core.documents.markings import WORK_SECRET
from incident.core.values.access import Viewer, may
from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import db
from incident.store.documents.incoming import OPEN, UNDECIDED, UNREAD, IncomingPaper, PaperReader
from incident.store.incidents.incidents import Incident
from incident.store.queries.visibility import visible_incidents

ListedPapers = Sequence[tuple[IncomingPaper, Incident]]
"""Papers with their incidents."""


@dataclass(frozen=True)
class PaperFilter:
    """Which incoming papers are wanted; None for all."""

    state: PaperState | None = None
    incident_ids: Sequence[int] | None = None


def list_papers(viewer: Viewer, wanted: PaperFilter, after: int | None, limit: int) -> ListedPapers:
    """Return papers, the newest first.

    Args:
        viewer: who requests them.
        wanted: the filter.
        after: the id of the last one of the previous page.
        limit: the maximum number.
    """
    query = visible_papers(viewer)
    if wanted.state is not None:
        query = query.where(IncomingPaper.state == wanted.state)
    if wanted.incident_ids is not None:
        query = query.where(IncomingPaper.incident_id.in_(list(wanted.incident_ids)))
    if after is not None:
        query = query.where(IncomingPaper.id < after)
    return _rows(query.order_by(IncomingPaper.id.desc()).limit(limit))


def due_papers(viewer: Viewer, after: tuple[dt.datetime, int] | None, limit: int) -> ListedPapers:
    """Return open papers that must be answered, those due next first.

    Args:
        viewer: who requests them.
        after: when the last one of the previous page is due, and its id.
        limit: the maximum number.
    """
    place = (IncomingPaper.due_at, IncomingPaper.id)
    query = visible_papers(viewer).where(OPEN, IncomingPaper.due_at.is_not(None))
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return _rows(query.order_by(*place).limit(limit))


def papers_for(viewer: Viewer, limit: int, *, may_instruct: bool) -> ListedPapers:
    """Return papers that wait for a person, to be read or to be decided, the oldest first.

    Args:
        viewer: the person.
        limit: the maximum number.
        may_instruct: whether they may give instructions.
    """
    waits = select(PaperReader.paper_id).where(PaperReader.person_id == viewer.person_id, UNREAD)
    if may_instruct:
        # Both parts have an index of their own; a condition with OR would read the whole register.
        waiting = union_all(waits, select(IncomingPaper.id).where(UNDECIDED))
        query = visible_papers(viewer).where(IncomingPaper.id.in_(waiting))
    else:
        query = visible_papers(viewer).where(IncomingPaper.id.in_(waits))
    return _rows(query.order_by(IncomingPaper.id).limit(limit))


def visible_papers(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query of the papers that a viewer may see."""
    query = select(IncomingPaper).where(_is_marking_open(viewer))
    visible = visible_incidents(viewer)
    if visible is None:
        return query
    return query.where(exists().where(Incident.id == IncomingPaper.incident_id, visible))


def _is_marking_open(viewer: Viewer) -> ColumnElement[bool]:
    if may(viewer.role, "document.read_work_secret"):
        return true()
    return or_(IncomingPaper.marking != WORK_SECRET, IncomingPaper.registrar == f"person:{viewer.person_id}")


def _rows(query: Select[*tuple[Any, ...]]) -> ListedPapers:
    found = db.session.scalars(query).all()
    incidents = rows_by_ids(Incident, (row.incident_id for row in found))
    return [(row, incidents[row.incident_id]) for row in found]
