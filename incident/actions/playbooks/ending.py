"""End of a drill: automatic with the last run on its incident, which is then closed."""

from incident.actions.notifications import answers
from incident.actions.unit_of_work import UnitOfWork
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices as notice_rows
from incident.store.playbooks import runs
from incident.store.queries import drills

RESOLUTION = "exercise"
"""The resolution of a drill's incident."""


def end_if_over(uow: UnitOfWork, incident: Incident) -> None:
    """End the drill on an incident (within the caller's transaction) when it has no live run.

    On a real incident, do nothing.
    """
    if not incident.is_exercise or runs.live_runs_of(incident.id):
        return
    drill = drills.drill_on(incident.id)
    if drill is None or drill.ended_at is not None:
        return
    drill.ended_at, drill.ended_by = uow.now, uow.by
    for notice in notice_rows.notices_of(incident.id):
        answers.close(uow, notice)
    uow.record("drill.ended", f"drill:{drill.id}", {}, incident.number)
    if incident.status != "closed":
        incident.status, incident.resolution = "closed", RESOLUTION
        incident.closed_at = incident.changed_at = uow.now
        incident.is_unreached = False
        incident.version += 1
