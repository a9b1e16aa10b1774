"""What a shift hands over: open incidents, what was promised, what is due, what waits, and reports to examine."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from incident.core.duty.handover import MAX_SHOWN
from incident.core.notifications.notice import IN_HAND, UNANSWERED
from incident.core.values.access import Viewer, may
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.queries.report_list import received_reports
from incident.store.queries.task_list import task_visibility
from incident.store.queries.visibility import is_on, visible_incidents

Lists = Mapping[str, Any]
LISTS = ("incidents", "promised", "tasks", "waiting")


def handover_lists(viewers: Sequence[Viewer], owner_id: int, department_id: int) -> Lists:
    """Return the lists of a handover, each of at most `MAX_SHOWN` rows that all viewers may see.

    Args:
        viewers: the person who hands over, and the one who takes over if they are chosen.
        owner_id: the person who hands over: the incidents that they own belong to it.
        department_id: the department whose shift it is.
    """
    seen = [one for one in map(visible_incidents, viewers) if one is not None]
    mine = or_(Incident.owner_id == owner_id, is_on(department_id))
    is_open = Incident.status.in_(("new", "handling"))
    reports = received_reports() if all(may(one.role, "report.read") for one in viewers) else None
    return {
        "incidents": _incidents(mine, is_open, *seen),
        "promised": _notices(Notice.state.in_(IN_HAND), Notice.department_id == department_id, is_open, *seen),
        "waiting": _notices(Notice.state.in_(UNANSWERED), Notice.department_id == department_id, is_open, *seen),
        "tasks": _tasks([*seen, *(one for viewer in viewers for one in task_visibility(viewer))], department_id),
        "reports": reports,
    }


def numbers_seen(viewer: Viewer, numbers: Sequence[str]) -> frozenset[str]:
    """Return those of the incidents with these numbers that a viewer may see now."""
    query = select(Incident.number).where(Incident.number.in_(list(numbers)))
    visible = visible_incidents(viewer)
    return frozenset(db.session.scalars(query if visible is None else query.where(visible)))


def _incidents(*conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = select(Incident.number, Incident.title, Incident.grade, Incident.speed).where(*conditions)
    rows = db.session.execute(query.order_by(Incident.grade.is_(None), Incident.grade, Incident.id).limit(MAX_SHOWN))
    return [
        {"number": row.number, "title": row.title, "grade": row.grade, "is_exercise": row.speed is not None}
        for row in rows
    ]


def _notices(*conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = (
        select(Incident.number, Incident.title, Incident.speed, Notice)
        .join(Incident, Incident.id == Notice.incident_id)
        .where(*conditions)
    )
    rows = db.session.execute(query.order_by(Notice.next_at.is_(None), Notice.next_at, Notice.id).limit(MAX_SHOWN))
    return [_of_incident(row) | _notice(row.Notice) for row in rows]


def _notice(notice: Notice) -> dict[str, Any]:
    accepted = notice.state == "accepted"
    at = notice.answered_at if accepted else notice.acknowledged_at
    return {
        "state": notice.state,
        "purpose": notice.purpose,
        "by": notice.answered_by if accepted else notice.acknowledged_by,
        "at": _moment(at),
        "next_at": _moment(notice.next_at),
    }


def _tasks(conditions: Sequence[ColumnElement[bool]], department_id: int) -> list[dict[str, Any]]:
    query = (
        select(Incident.number, Incident.title, Incident.speed, Task.id, Task.title.label("task"), Task.due_at)
        .join(Incident, Incident.id == Task.incident_id)
        .where(Task.state == "open", Task.department_id == department_id, *conditions)
    )
    rows = db.session.execute(query.order_by(Task.due_at.is_(None), Task.due_at, Task.id).limit(MAX_SHOWN))
    return [_of_incident(row) | {"task": row.task, "id": row.id, "due_at": _moment(row.due_at)} for row in rows]


def _of_incident(row: Any) -> dict[str, Any]:
    return {"number": row.number, "title": row.title, "is_exercise": row.speed is not None}


def _moment(at: dt.datetime | None) -> str | None:
    return None if at is None else format_moment(at)
