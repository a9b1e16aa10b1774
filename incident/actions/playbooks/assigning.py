"""Gives a task to a person, with the moment until which it is wanted."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.playbooks.runs import lock_run
from incident.actions.unit_of_work import transaction
from incident.core.values.access import may_be_given_task
from incident.core.values.faults import RuleError, refuse_stale
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.directory.people import Person, person_by_login
from incident.store.incidents.incidents import Incident, name_person
from incident.store.playbooks.tasks import Task


def change_task(task_id: int, changes: Mapping[str, Any], version: int | None, by: str, now: dt.datetime) -> Task:
    """Change who does an open task, and until when it is wanted.

    Args:
        task_id: the task.
        changes: `assignee`, a login or None; `due_at`, a moment (UTC) or None for the limit of the playbook.
        version: the version that the caller has read; None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `task.unknown` (not found), `task.has_ended` (conflict), `version.stale`, `person.unknown`,
            `task.assignee_not_allowed`, `task.due_too_late`.
    """
    with transaction(by, now) as uow:
        task = db.session.get(Task, task_id)
        if task is None:
            raise RuleError("task.unknown", {"id": task_id}, kind="not_found")
        lock_run(task.run_id)
        db.session.refresh(task)
        refuse_stale(task.version, version)
        if task.state != "open":
            raise RuleError("task.has_ended", {"state": task.state}, kind="conflict")
        before = _facts(task)
        _apply(task, changes, now)
        if _facts(task) != before:
            task.version += 1
            number = db.session.get_one(Incident, task.incident_id).number
            uow.record("task.changed", f"task:{task.id}", {"before": before, "after": _facts(task)}, number)
    return task


def _apply(task: Task, changes: Mapping[str, Any], now: dt.datetime) -> None:
    if "assignee" in changes:
        found = None if changes["assignee"] is None else _assignee(task, changes["assignee"])
        person_id = None if found is None else found.id
        if task.assignee_id != person_id:
            task.assignee_id, task.assigned_at = person_id, None if found is None else now
        if found is not None:
            name_person(task.incident_id, found.id)
    if "due_at" in changes:
        wanted: dt.datetime | None = changes["due_at"]
        if wanted is not None and task.due_at is not None and wanted > task.due_at:
            raise RuleError("task.due_too_late", pointer="/due_at")
        task.wanted_at = wanted


def _assignee(task: Task, login: str) -> Person:
    found = person_by_login(login)
    if found is None:
        raise RuleError("person.unknown", {"login": login}, pointer="/assignee")
    if not found.is_active or not may_be_given_task(found.role, found.department_id, task.department_id):
        raise RuleError("task.assignee_not_allowed", {"name": found.name}, pointer="/assignee")
    return found


def _facts(task: Task) -> dict[str, Any]:
    person = None if task.assignee_id is None else db.session.get_one(Person, task.assignee_id)
    return {
        "assignee": None if person is None else {"login": person.login, "name": person.name},
        "due_at": None if task.wanted_at is None else format_moment(task.wanted_at),
    }
