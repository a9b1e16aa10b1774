"""The filter of the lists of tasks and of notices, the work of departments."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from incident.core.values.access import Viewer
from incident.store.notifications.notice_departments import is_notified
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task


@dataclass(frozen=True, kw_only=True)
class WorkFilter:
    """Filter of tasks or notices; None matches all."""

    incident_id: int | None = None
    department_id: int | None = None
    state: str | None = None
    assignee_id: int | None = None


def work_conditions(table: type[Task] | type[Notice], viewer: Viewer, wanted: WorkFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter; a department gets its own rows only."""
    pairs = ((table.incident_id, wanted.incident_id), (table.state, wanted.state))
    found: list[ColumnElement[bool]] = [column == value for column, value in pairs if value is not None]
    if wanted.department_id is not None:
        found.append(_is_of(table, [wanted.department_id]))
    if viewer.role == "department":
        own = [one for one in viewer.department_ids if isinstance(one, int)]
        if own != [wanted.department_id]:
            found.append(_is_of(table, own))
    return found


def _is_of(table: type[Task] | type[Notice], department_ids: Sequence[int]) -> ColumnElement[bool]:
    return Task.department_id.in_(department_ids) if table is Task else is_notified(department_ids)
