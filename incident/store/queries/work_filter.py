"""The filter of the lists of tasks and of notices, the work of departments."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_

from incident.core.notifications.subject import Purpose
from incident.core.values.access import Viewer
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notice_departments import is_notified
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task


@dataclass(frozen=True, kw_only=True)
class WorkFilter:
    """Filter of tasks or notices; None matches all.

    `purpose` is that of notices. `is_real` leaves out those of exercises. `late_at` selects tasks that were overdue
    at a moment (UTC).
    """

    incident_id: int | None = None
    department_id: int | None = None
    state: str | None = None
    assignee_id: int | None = None
    purpose: Purpose | None = None
    is_real: bool = False
    late_at: dt.datetime | None = None


def work_conditions(table: type[Task] | type[Notice], viewer: Viewer, wanted: WorkFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter; a department gets its own rows only."""
    pairs = ((table.incident_id, wanted.incident_id), (table.state, wanted.state))
    found: list[ColumnElement[bool]] = [column == value for column, value in pairs if value is not None]
    if wanted.purpose is not None and table is Notice:
        found.append(Notice.purpose == wanted.purpose)
    if wanted.is_real:
        found.append(exists().where(Incident.id == table.incident_id, Incident.speed.is_(None)))
    if wanted.late_at is not None and table is Task:
        found.append(is_late(wanted.late_at))
    if wanted.department_id is not None:
        found.append(_is_of(table, [wanted.department_id]))
    if viewer.role == "department":
        own = [one for one in viewer.department_ids if isinstance(one, int)]
        if own != [wanted.department_id]:
            found.append(_is_of(table, own))
    return found


def is_late(at: dt.datetime) -> ColumnElement[bool]:
    """Return the condition that a task is overdue at a moment (UTC), by its limit or an agreed time."""
    return or_(Task.due_at < at, Task.wanted_at < at)


def _is_of(table: type[Task] | type[Notice], department_ids: Sequence[int]) -> ColumnElement[bool]:
    return Task.department_id.in_(department_ids) if table is Task else is_notified(department_ids)
