"""What waits for a second person, and decisions that somebody must look at again; visible incidents only."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, literal, literal_column, select, union_all

from incident.core.values.access import Viewer
from incident.store.approvals import IN_FORCE, TwoPersonRecord, is_waiting
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.deadlines.reviews import ReviewedDecision
from incident.store.incidents.incidents import Incident
from incident.store.queries.visibility import visible_incidents

Record = TypeVar("Record", bound=TwoPersonRecord)

TWO_PERSON_TABLES: Final[Sequence[type[TwoPersonRecord]]] = (GradeDecision, ClockEventRecord, NotReportableDecision)
"""Every table whose records may wait for a second person."""

REVIEWED_TABLES: Final[Sequence[type[ReviewedDecision]]] = (GradeDecision, NotReportableDecision)
"""Every table whose records somebody must look at again."""


def waiting_approvals(viewer: Viewer, now: dt.datetime, limit: int) -> list[tuple[TwoPersonRecord, Incident]]:
    """Return what a person may confirm as the second one, oldest first, each with its incident.

    Args:
        viewer: the person; what they proposed themselves and incidents that they may not see are left out.
        now: the moment (UTC); what has expired is left out.
        limit: the maximum number.
    """
    rows = [
        (row, its)
        for model in TWO_PERSON_TABLES
        for row, its in _read(model, viewer, _waiting(model, viewer, now), model.proposed_at, limit)
    ]
    return sorted(rows, key=lambda one: (one[0].proposed_at, one[0].approval_kind, one[0].id))[:limit]


def owed_reviews(viewer: Viewer, until: dt.datetime | None, limit: int) -> list[tuple[ReviewedDecision, Incident]]:
    """Return the decisions that somebody must look at again, the one due first on top, each with its incident.

    Args:
        viewer: who requests them.
        until: only those due by then (UTC); None for all.
        limit: the maximum number.
    """
    rows = [
        (row, its)
        for model in REVIEWED_TABLES
        for row, its in _read(model, viewer, _owed(model, until), model.review_due_at, limit)
    ]
    return sorted(rows, key=lambda one: (str(one[0].review_due_at), one[0].approval_kind, one[0].id))[:limit]


def second_person_ids(viewer: Viewer, now: dt.datetime) -> Select[*tuple[Any, ...]]:
    """Return the query for what a person has to confirm or to look at again, to count it."""
    parts = [(model, _waiting(model, viewer, now)) for model in TWO_PERSON_TABLES]
    parts += [(model, _owed(model, now)) for model in REVIEWED_TABLES]
    numbered = [
        _joined(select(model.id, literal(number).label("part")), model, viewer).where(condition)
        for number, (model, condition) in enumerate(parts)
    ]
    return select(union_all(*numbered).subquery())


def _waiting(model: type[TwoPersonRecord], viewer: Viewer, now: dt.datetime) -> ColumnElement[bool]:
    others = ~model.proposed_by.startswith(f"person:{viewer.person_id}:", autoescape=True)
    return is_waiting(model, now) & others


def _owed(model: type[ReviewedDecision], until: dt.datetime | None) -> ColumnElement[bool]:
    is_in_force = model.state == literal_column(f"'{IN_FORCE}'")
    owed: ColumnElement[bool] = is_in_force & model.review_due_at.is_not(None)
    return owed if until is None else owed & (model.review_due_at <= until)


def _read(
    model: type[Record], viewer: Viewer, condition: ColumnElement[bool], order: Any, limit: int
) -> Iterator[tuple[Record, Incident]]:
    query = _joined(select(model, Incident), model, viewer).where(condition)
    for row in db.session.execute(query.order_by(order, model.id).limit(limit)):
        yield row[0], row[1]


def _joined(query: Select[*tuple[Any, ...]], model: type[TwoPersonRecord], viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Join the incidents that the viewer may see; grades of closed ones are not decided any more."""
    query = query.join(Incident, Incident.id == model.incident_id)
    if model is GradeDecision:
        query = query.where(Incident.status != "closed")
    visible = visible_incidents(viewer)
    return query if visible is None else query.where(visible)
