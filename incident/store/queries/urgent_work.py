"""What waits for departments, what runs out first on top: notices without an answer, and open tasks."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from incident.core.values.access import Viewer
from incident.store.db.by_id import Row, rows_by_ids
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import WAITING, Notice
from incident.store.playbooks.tasks import OPEN, Task
from incident.store.queries.notice_list import notice_visibility
from incident.store.queries.task_list import task_visibility
from incident.store.queries.work_filter import WorkFilter, is_late, work_conditions

Assignment = Literal["own", "free", "others"]
"""To whom a task was given: to the viewer, to nobody, or to somebody else."""

WaitingGroup = Literal["running", "exhausted", "declined", "unreached"]
WAITING_GROUPS: Final[tuple[WaitingGroup, ...]] = get_args(WaitingGroup)
"""Why a notice waits: its levels run, all were notified in vain, it was declined, or there is no contact."""

COUNT_LIMIT: Final = 1_000
"""Counts beyond this say only that there are more; rows beyond its quadruple are not counted."""

UNGRADED_LAST: Final = 5

_GROUP = case((Notice.is_unreached.is_(True), "unreached"), (Notice.state == "open", "running"), else_=Notice.state)


@dataclass(frozen=True)
class WorkCount:
    """A number of rows, and whether there may be more."""

    number: int
    is_more: bool = False


def urgent_notices(
    viewer: Viewer, wanted: WorkFilter, group: WaitingGroup | None, skip: int, limit: int
) -> Sequence[Notice]:
    """Return notices that wait for an answer: those whose next level comes first, then those without one, newest first.

    Args:
        viewer: the viewer; a department gets its own.
        wanted: the department, if only one is wanted.
        group: why they wait; None for all.
        skip: the number of rows before these.
        limit: the maximum number of rows.
    """
    query = _waiting(viewer, wanted)
    if group is not None:
        query = query.where(_GROUP.in_([group]))
    return _in_order(Notice, _soonest(query, Notice.next_at, Notice.id, skip, limit))


def gravest_notices(
    viewer: Viewer, wanted: WorkFilter, groups: Collection[WaitingGroup], limit: int
) -> Sequence[Notice]:
    """Return notices that wait for some reasons: those of the gravest incidents first, then the newest.

    Beyond `COUNT_LIMIT` times four of them, only so many are looked at.
    """
    waiting = _waiting(viewer, wanted).where(_GROUP.in_(groups)).add_columns(Notice.incident_id)
    some = waiting.order_by(Notice.next_at.desc(), Notice.id.desc()).limit(COUNT_LIMIT * 4).subquery()
    graded = select(some.c.id).join(Incident, Incident.id == some.c.incident_id)
    ids = _ids(graded.order_by(func.coalesce(Incident.grade, UNGRADED_LAST), some.c.id.desc()), 0, limit)
    return _in_order(Notice, ids)


def next_tasks(viewer: Viewer, wanted: WorkFilter, now: dt.datetime, limit: int) -> Sequence[Task]:
    """Return the open tasks that run out next after a moment (UTC), soonest first, as `Task.until` says."""
    query = _open(viewer, wanted)
    ids = [
        one
        for moment in (Task.due_at, Task.wanted_at)
        for one in _ids(query.where(moment >= now).order_by(moment, Task.id), 0, limit)
    ]
    found = rows_by_ids(Task, ids).values()
    rows = [(one.until, one.id, one) for one in found if one.until is not None and one.until >= now]
    return [one for _until, _id, one in sorted(rows, key=lambda row: row[:2])[:limit]]


def count_waiting(viewer: Viewer, wanted: WorkFilter) -> Mapping[WaitingGroup, WorkCount]:
    """Count the notices that wait for an answer by why they wait, up to a limit."""
    some = _waiting(viewer, wanted).add_columns(_GROUP.label("why")).limit(COUNT_LIMIT * 4).subquery()
    query = select(some.c.why, func.count()).group_by(some.c.why)
    found: dict[str, int] = dict(db.session.execute(query).all())
    is_cut = sum(found.values()) >= COUNT_LIMIT * 4
    return {group: _counted(found.get(group, 0), is_cut) for group in WAITING_GROUPS}


def urgent_tasks(viewer: Viewer, wanted: WorkFilter, skip: int, limit: int) -> Sequence[Task]:
    """Return open tasks that the viewer may see, those due first on top, then those without a time limit."""
    return _in_order(Task, _soonest(_open(viewer, wanted), Task.due_at, Task.id, skip, limit))


def assigned_tasks(
    viewer: Viewer, wanted: WorkFilter, assignments: Collection[Assignment], limit: int
) -> Mapping[Assignment, Sequence[Task]]:
    """Return open tasks by whom they were given to; those of the viewer whatever their department.

    Args:
        viewer: the viewer; a program has no own tasks.
        wanted: the department of the other tasks.
        assignments: to whom they were given.
        limit: the maximum number of rows of each.
    """
    visible = task_visibility(viewer)
    found = {one: _ids_of_assigned(viewer, wanted, one, visible, limit) for one in assignments}
    tasks = rows_by_ids(Task, (one for some in found.values() for one in some))
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    return {
        assignment: sorted((tasks[one] for one in some), key=lambda one: (one.until or latest, one.id))
        for assignment, some in found.items()
    }


def _ids_of_assigned(
    viewer: Viewer, wanted: WorkFilter, assignment: Assignment, visible: Sequence[ColumnElement[bool]], limit: int
) -> list[int]:
    is_own = assignment == "own"
    asked = replace(wanted, department_id=None) if is_own else wanted
    query = select(Task.id).where(OPEN, *work_conditions(Task, viewer, asked), *visible)
    if assignment == "free":
        query = query.where(Task.assignee_id.is_(None))
    elif not is_own:
        query = query.where(Task.assignee_id.is_not(None), Task.assignee_id.is_distinct_from(viewer.person_id))
    elif viewer.person_id is None:
        return []
    else:
        query = query.where(Task.assignee_id == viewer.person_id)
    return _soonest(query, Task.due_at, Task.id, 0, limit)


def count_open_tasks(viewer: Viewer, wanted: WorkFilter, now: dt.datetime) -> tuple[WorkCount, WorkCount]:
    """Count the open tasks, and those of them that are overdue, up to a limit."""
    every, late = _open(viewer, wanted), _open(viewer, wanted).where(is_late(now))
    counts = [select(func.count()).select_from(one.limit(COUNT_LIMIT + 1).subquery()) for one in (every, late)]
    number, overdue = db.session.execute(select(*(one.scalar_subquery() for one in counts))).one()
    return _counted(number, is_cut=False), _counted(overdue, is_cut=False)


def _counted(number: int, is_cut: bool) -> WorkCount:
    return WorkCount(min(number, COUNT_LIMIT), is_cut or number > COUNT_LIMIT)


def _waiting(viewer: Viewer, wanted: WorkFilter) -> Select[int]:
    conditions = [*work_conditions(Notice, viewer, wanted), *notice_visibility(viewer)]
    return select(Notice.id).where(WAITING, *conditions)


def _open(viewer: Viewer, wanted: WorkFilter) -> Select[int]:
    return select(Task.id).where(OPEN, *work_conditions(Task, viewer, wanted), *task_visibility(viewer))


def _soonest(
    query: Select[int], moment: InstrumentedAttribute[dt.datetime | None], key: Any, skip: int, limit: int
) -> list[int]:
    """Return a page of ids by moment, those without one last; an index gives each part in its order."""
    running = query.where(moment.is_not(None))
    ids = _ids(running.order_by(moment, key), skip, limit)
    if len(ids) == limit:
        return ids
    before = skip + len(ids) if ids or not skip else _number(running)
    rest = query.where(moment.is_(None)).order_by(moment.desc(), key.desc())
    return ids + _ids(rest, max(0, skip - before), limit - len(ids))


def _in_order(table: type[Row], ids: Sequence[int]) -> list[Row]:
    found = rows_by_ids(table, ids)
    return [found[one] for one in ids if one in found]


def _ids(query: Select[int], skip: int, limit: int) -> list[int]:
    return list(db.session.scalars(query.offset(skip).limit(limit)))


def _number(query: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
