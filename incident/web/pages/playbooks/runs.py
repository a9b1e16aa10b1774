"""Runs and tasks: cancel a run, complete a task."""

from typing import Any

from flask import request

from incident.actions.playbooks import runs as use_cases
from incident.actions.playbooks import tasks
from incident.core.values.faults import RuleError
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.tasks import Task
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import TEXT_LIMIT, Form
from incident.web.pages.frame import Page
from incident.web.pages.incident_forms import submit_on
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

VARIABLE = "variable:"


@pages.post("/runs/<int(max=2147483647):run_id>/cancel")
@needs("run.cancel")
def cancel_run_form(run_id: int) -> Page:
    """Cancel a live run."""
    run = access.visible_run(run_id)
    found = db.session.get_one(Incident, run.incident_id)

    def use_case() -> None:
        form = Form()
        reason = form.text("run_reason", 2000)
        form.finish()
        use_cases.cancel_run(run_id, reason or "", require_caller().actor, now())

    return submit_on(found, use_case, "cancelled", "runs")


@pages.post("/tasks/<int(max=2147483647):task_id>/complete")
@needs("task.complete")
def complete_task_form(task_id: int) -> Page:
    """Complete a task with a result, a note and the values that its step returns."""
    task: Task = access.completable_task(task_id)
    found = db.session.get_one(Incident, task.incident_id)

    def use_case() -> None:
        form = Form()
        outcome, note = form.raw("result"), form.text("note", DESCRIPTION_LIMIT)
        if outcome not in {"succeeded", "failed"}:
            form.faults.append(RuleError("document.not_a_choice", {"choices": "succeeded, failed"}, pointer="/result"))
        form.finish()
        tasks.complete_task(task_id, outcome, typed_variables(), note, require_caller().actor, now())

    return submit_on(found, use_case, "completed", "tasks")


def typed_variables() -> dict[str, Any]:
    """Return the typed values of variables without empty ones; a text typed next to choices counts."""
    found: dict[str, Any] = {}
    for name, typed in request.form.items(multi=True):
        if name.startswith(VARIABLE) and typed.strip():
            found[name.removeprefix(VARIABLE)] = typed.strip()[:TEXT_LIMIT]
    return found
