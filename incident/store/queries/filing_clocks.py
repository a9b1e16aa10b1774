"""The statutory clocks that tasks wait for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from incident.core.deadlines.clocks import OPEN_STATES
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.playbooks.tasks import Task


def filing_clocks(tasks: Iterable[Any]) -> Mapping[int, IncidentClock | None]:
    """Return the clocks of the tasks that a filing ends by the task's id; None where it has not begun.

    Of several clocks of one stage it is the first that still runs, else the last one.

    Args:
        tasks: tasks, or rows with the same columns.
    """
    waiting = [one for one in tasks if one.clock_regime is not None]
    if not waiting:
        return {}
    of_incidents = IncidentClock.incident_id.in_({one.incident_id for one in waiting})
    rows = db.session.scalars(select(IncidentClock).where(of_incidents).order_by(IncidentClock.id)).all()
    found: dict[tuple[int, str, str], IncidentClock] = {}
    for row in rows:
        key = (row.incident_id, row.regime, row.stage)
        if key not in found or found[key].state not in OPEN_STATES:
            found[key] = row
    return {one.id: found.get((one.incident_id, one.clock_regime, one.clock_stage)) for one in waiting}


def ended_filing_tasks(clocks: Sequence[IncidentClock]) -> Sequence[Task]:
    """Return the tasks on the incidents of some clocks that a filing has ended, of any of their clocks."""
    if not clocks:
        return ()
    wanted = select(Task).where(Task.incident_id.in_({one.incident_id for one in clocks}), Task.state == "succeeded")
    return db.session.scalars(wanted.where(Task.clock_regime.is_not(None)).order_by(Task.id)).all()
