"""Setting timers: rows that come due, of whatever subject."""

import datetime as dt

from incident.actions.unit_of_work import UnitOfWork
from incident.store.playbooks.timers import ORDINARY, Timer


def insert_timer(
    uow: UnitOfWork,
    kind: str,
    due_at: dt.datetime,
    subject_type: str,
    subject_id: int,
    incident_id: int | None,
    *,
    step: str | None = None,
    visit: int | None = None,
    urgency: int = ORDINARY,
) -> None:
    """Set a timer within the caller's transaction, and wake the scheduler if it is due soon.

    Args:
        uow: the caller's unit of work.
        kind: what to do then; `actions/operations/timers.py` knows the kinds of each subject.
        due_at: when (UTC).
        subject_type: the type of its subject, such as `notice`.
        subject_id: the id of its subject.
        incident_id: the incident that the subject belongs to, if any.
        step: of a run.
        visit: of that step.
        urgency: more urgent timers, with a lower number, are fired first.
    """
    uow.insert(
        Timer,
        kind=kind,
        due_at=due_at,
        subject_type=subject_type,
        subject_id=subject_id,
        incident_id=incident_id,
        step=step,
        visit=visit,
        urgency=urgency,
    )
    uow.wake_scheduler(due_at)
