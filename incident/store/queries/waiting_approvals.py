"""What waits for a second person, and decisions that somebody must look at again; visible incidents only."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, exists, literal, literal_column, select, union_all

from incident.core.operations.approval import APPROVAL_LIFETIME
from incident.core.values.access import Viewer
from incident.store.approvals import IN_FORCE, TwoPersonRecord, is_waiting_since
from incident.store.db.counting import MAX_COUNT
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.deadlines.reviews import ReviewedDecision
from incident.store.incidents.incidents import Incident
from incident.store.queries.visibility import VISIBLE, SeenIncidents, visible_incidents

Part = tuple[type[TwoPersonRecord], ColumnElement[bool], Any]
"""A table, the condition on its records, and the column of the moment by which they are ordered."""

TWO_PERSON_TABLES: Final[Sequence[type[TwoPersonRecord]]] = (
    GradeDecision,
    ClockEventRecord,
    NotReportableDecision,
    FilingRevocation,
)
"""Every table whose records may wait for a second person."""

REVIEWED_TABLES: Final[Sequence[type[ReviewedDecision]]] = (GradeDecision, NotReportableDecision)
"""Every table whose records somebody must look at again."""


def second_person_work(
    viewer: Viewer, now: dt.datetime, limit: int
) -> tuple[list[tuple[TwoPersonRecord, Incident]], list[tuple[ReviewedDecision, Incident]]]:
    """Return what a person may confirm and the decisions that are due for a review, with few statements.

    Args:
        viewer: the person.
        now: the moment (UTC).
        limit: the maximum number of each.
    """
    found = _read(viewer, [*_waiting(_mark_of(viewer), now - APPROVAL_LIFETIME), *_owed(now)], limit)
    count = len(TWO_PERSON_TABLES)
    return _oldest_first(found[:count], limit), _due_first(found[count:], limit)


def waiting_approvals(viewer: Viewer, now: dt.datetime, limit: int) -> list[tuple[TwoPersonRecord, Incident]]:
    """Return what a person may confirm as the second one, oldest first, each with its incident.

    Args:
        viewer: the person; what they proposed themselves and incidents that they may not see are left out.
        now: the moment (UTC); what has expired is left out.
        limit: the maximum number.
    """
    return _oldest_first(_read(viewer, _waiting(_mark_of(viewer), now - APPROVAL_LIFETIME), limit), limit)


def open_approvals(viewer: Viewer, now: dt.datetime, limit: int) -> list[tuple[TwoPersonRecord, Incident]]:
    """Return all that waits for a second person, also what the viewer proposed; see `waiting_approvals`."""
    return _oldest_first(_read(viewer, _waiting("", now - APPROVAL_LIFETIME), limit), limit)


def owed_reviews(viewer: Viewer, until: dt.datetime | None, limit: int) -> list[tuple[ReviewedDecision, Incident]]:
    """Return the decisions that somebody must look at again, the one due first on top, each with its incident.

    Args:
        viewer: who requests them.
        until: only those due by then (UTC); None for all.
        limit: the maximum number.
    """
    return _due_first(_read(viewer, _owed(until), limit), limit)


def second_person_ids(seen: SeenIncidents) -> Select[*tuple[Any, ...]]:
    """Return the query that counts what a person has to confirm or to look at again; see `second_person_values`."""
    return _kept_query(seen.name) if seen.is_kept else _second_person_query(seen.condition)


@cache
def _kept_query(visible: str | None) -> Select[*tuple[Any, ...]]:
    """Return the query for all people who see the same; kept, because every page asks it."""
    return _second_person_query(None if visible is None else VISIBLE[visible])


def _second_person_query(visible: ColumnElement[bool] | None) -> Select[*tuple[Any, ...]]:
    return select(_found(visible, second_person_parts(), MAX_COUNT))


def second_person_parts() -> list[Part]:
    """Return what a person may confirm and what is due for a review, by the parameters of `second_person_values`."""
    return [*_waiting(bindparam("own_mark"), bindparam("waiting_since")), *_owed(bindparam("now"))]


def second_person_values(viewer: Viewer, now: dt.datetime) -> Mapping[str, Any]:
    """Return the values of the parameters `own_mark`, `waiting_since` and `now`."""
    return {"own_mark": _mark_of(viewer), "waiting_since": now - APPROVAL_LIFETIME, "now": now}


def _mark_of(viewer: Viewer) -> str:
    """Return the pattern of what a person proposed; an id has nothing to escape."""
    return f"person:{viewer.person_id}:%"


def _waiting(mark: Any, since: Any) -> list[Part]:
    return [
        (model, is_waiting_since(model, since) & ~model.proposed_by.like(mark), model.proposed_at)
        for model in TWO_PERSON_TABLES
    ]


def _owed(until: Any) -> list[Part]:
    parts: list[Part] = []
    for model in REVIEWED_TABLES:
        condition = (model.state == literal_column(f"'{IN_FORCE}'")) & model.review_due_at.is_not(None)
        if until is not None:
            condition &= model.review_due_at <= until
        parts.append((model, condition, model.review_due_at))
    return parts


def _found(visible: ColumnElement[bool] | None, parts: Sequence[Part], limit: int) -> Subquery:
    """Return part, id and moment of each record, up to a limit of each part."""
    members = []
    for number, (model, condition, moment) in enumerate(parts):
        query = select(literal(number).label("part"), model.id.label("id"), moment.label("moment"))
        its = [] if visible is None else [visible]
        if model is GradeDecision:  # the grade of a closed incident is not decided any more
            its.append(Incident.status != "closed")
        query = query.where(condition)
        if its:  # not a join: there are few records, and a person may see many incidents
            query = query.where(exists().where(Incident.id == model.incident_id, *its))
        members.append(select(query.order_by(moment, model.id).limit(limit).subquery()))
    return union_all(*members).subquery()


def _read(viewer: Viewer, parts: Sequence[Part], limit: int) -> list[list[tuple[Any, Incident]]]:
    """Return the records of each part with their incidents; a part without any needs no statement."""
    ids: dict[int, list[int]] = {}
    for row in db.session.execute(select(_found(visible_incidents(viewer), parts, limit))):
        ids.setdefault(row.part, []).append(row.id)
    found: list[list[tuple[Any, Incident]]] = []
    for number, (model, _, _) in enumerate(parts):
        query = select(model, Incident).join(Incident, Incident.id == model.incident_id)
        rows = db.session.execute(query.where(model.id.in_(ids[number]))) if number in ids else ()
        found.append([(row[0], row[1]) for row in rows])
    return found


def _oldest_first(found: Sequence[Sequence[tuple[Any, Incident]]], limit: int) -> list[tuple[Any, Incident]]:
    rows = [row for part in found for row in part]
    return sorted(rows, key=lambda row: (row[0].proposed_at, row[0].approval_kind, row[0].id))[:limit]


def _due_first(found: Sequence[Sequence[tuple[Any, Incident]]], limit: int) -> list[tuple[Any, Incident]]:
    rows = [row for part in found for row in part]
    return sorted(rows, key=lambda row: (row[0].review_due_at, row[0].approval_kind, row[0].id))[:limit]
