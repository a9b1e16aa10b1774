"""The list of tasks: filters, keyset pagination, visible rows only."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.runs import RED_RUNS, Run
from incident.store.playbooks.tasks import Task
from incident.store.queries.visibility import visible_incidents
from incident.store.queries.work_filter import WorkFilter, work_conditions


def list_tasks(viewer: Viewer, wanted: WorkFilter, after: int | None, limit: int) -> Sequence[Task]:
    """Return tasks of incidents that the viewer may see, oldest first; a department gets its own.

    Those of runs of `TLP:RED` playbooks are visible to their department, and to viewers who may see such runs.
    """
    query = select(Task).where(*work_conditions(Task, viewer, wanted), *task_visibility(viewer))
    if wanted.assignee_id is not None:
        query = query.where(Task.assignee_id == wanted.assignee_id)
    if after is not None:
        query = query.where(Task.id > after)
    return db.session.scalars(query.order_by(Task.id).limit(limit)).all()


def task_visibility(viewer: Viewer) -> list[ColumnElement[bool]]:
    """Return the conditions that a viewer may see a task and its incident."""
    found = red_run_conditions(viewer)
    visible = visible_incidents(viewer)
    if visible is not None:
        found.append(select(Incident.id).where(Incident.id == Task.incident_id, visible).correlate(Task).exists())
    return found


def red_run_conditions(viewer: Viewer) -> list[ColumnElement[bool]]:
    """Return the condition that a viewer may see tasks of `TLP:RED` playbooks; none where they see all."""
    if viewer.role == "department" or sees_red(viewer):
        return []
    own = [one for one in viewer.department_ids if isinstance(one, int)]
    return [or_(Task.department_id.in_(own), Task.run_id.not_in(select(Run.id).where(RED_RUNS)))]
