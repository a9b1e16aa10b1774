"""Ends tasks: the answers of people advance the run."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.playbooks import playbook_loader
from incident.actions.playbooks.filing_tasks import clock_end
from incident.actions.playbooks.runs import advance_in, lock_run
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.cacao import Fault, result_faults
from incident.core.cacao.engine.events import CommandEnded, Outcome
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task, open_filing_tasks
from incident.store.queries.news_audience import Announcement


def complete_task(
    task_id: int,
    outcome: str,
    variables: Mapping[str, Any],
    note: str | None,
    by: str,
    now: dt.datetime,
    version: int | None = None,
) -> Task:
    """End a task and advance its run.

    Args:
        task_id: the task.
        outcome: `succeeded` or `failed`.
        variables: the results of the task, by variable name.
        note: a text from the person who ended it.
        by: who.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.

    Raises:
        RuleError: `task.unknown` (not found), `task.has_ended`, `task.is_filing` (conflict) when a filing ends it,
            `version.stale`.
        PlaybookFaults: naming each variable that the task does not return or that has the wrong type.
    """
    with transaction(by, now) as uow:
        task = db.session.get(Task, task_id)
        if task is None:
            raise RuleError("task.unknown", {"id": task_id}, kind="not_found")
        run = lock_run(task.run_id)
        db.session.refresh(task)
        refuse_stale(task.version, version)
        if task.state != "open":
            raise RuleError("task.has_ended", {"state": task.state}, kind="conflict")
        if task.clock_regime is not None:
            raise RuleError("task.is_filing", kind="conflict")
        _check_variables(task, variables)
        task.state, task.ended_at, task.ended_by, task.note = outcome, now, by, note
        task.version += 1
        incident = db.session.get_one(Incident, task.incident_id)
        _take_on(uow, incident)
        detail = {"result": outcome, "variables": dict(variables), "note": note}
        uow.record("task.completed", f"task:{task.id}", detail, incident.number)
        result: Outcome = "succeeded" if outcome == "succeeded" else "failed"
        advance_in(uow, run, CommandEnded(task.step, task.visit, task.command, result, dict(variables)))
    return task


def end_filing_tasks(uow: UnitOfWork, incident: Incident) -> None:
    """End the tasks of a locked incident whose clock was filed, waived or does not apply, and advance their runs.

    It belongs to every transaction that changes a clock: a step and its filing are never committed apart.
    """
    uow.flush()
    for task in open_filing_tasks(incident.id):
        end = clock_end(incident, str(task.clock_regime), str(task.clock_stage))
        if end is None or task.state != "open":
            continue
        task.state = "cancelled" if end.outcome == "not_applicable" else end.outcome
        task.ended_at, task.ended_by = uow.now, uow.by
        task.version += 1
        event_type = "task.cancelled" if task.state == "cancelled" else "task.completed"
        detail: dict[str, Any] = {"result": end.outcome, "variables": {}, "note": None, "clock": end.why}
        uow.record(event_type, f"task:{task.id}", detail, incident.number)
        advance_in(uow, db.session.get_one(Run, task.run_id), end.event(task.step, task.visit, task.command))


def _take_on(uow: UnitOfWork, incident: Incident) -> None:
    """Set the state of an incident on which work has begun."""
    if incident.status == "new":
        incident.status, incident.changed_at = "handling", uow.now
        incident.version += 1
        uow.news.append(Announcement(incident, "status", "handling"))


def variable_faults(task: Task, variables: Mapping[str, Any]) -> list[Fault]:
    """Return a fault for each variable that the task does not return or that has the wrong type."""
    return result_faults({one["name"]: one["type"] for one in task.expects}, variables)


def _check_variables(task: Task, variables: Mapping[str, Any]) -> None:
    faults = variable_faults(task, variables)
    if faults:
        raise playbook_loader.PlaybookFaults(faults)
