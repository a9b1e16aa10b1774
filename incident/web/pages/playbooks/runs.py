"""Runs and tasks: cancel a run, complete a task."""

from collections.abc import Callable
from typing import Any

from flask import g, request

from incident.actions.playbooks import assigning, playbook_loader, run_control, tasks
from incident.actions.playbooks import runs as use_cases
from incident.core.cacao.engine.events import Outcome
from incident.core.cacao.engine.run import Run as Engine
from incident.core.drills.drill import in_real_time
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.tasks import Task
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import names_shown
from incident.web.pages.forms import TEXT_LIMIT, Form
from incident.web.pages.frame import Page, render
from incident.web.pages.incident_forms import submit_on
from incident.web.pages.playbooks.outline import lines_of_run
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

VARIABLE = "variable:"


@pages.get("/runs/<int(max=2147483647):run_id>/steps")
@needs("run.read")
def run_steps(run_id: int) -> Page:
    """Show all steps of a run; the page of its incident loads them from here on demand."""
    run = access.visible_run(run_id)
    incident = db.session.get_one(Incident, run.incident_id)
    engine = in_real_time(Engine.from_json(run.document), incident.pace)
    lines = lines_of_run(playbook_loader.pinned(run.pins), engine, names_shown())
    return render("runs/steps.html", incident=incident, lines=lines, run=run)


@pages.post("/runs/<int(max=2147483647):run_id>/cancel")
@needs("run.cancel")
def cancel_run_form(run_id: int) -> Page:
    """Cancel a live run."""
    run = access.visible_run(run_id)
    found = db.session.get_one(Incident, run.incident_id)

    def use_case() -> None:
        form = Form()
        reason = form.text("run_reason", REASON_LIMIT)
        form.finish()
        use_cases.cancel_run(run_id, reason or "", require_caller().actor, now())

    return submit_on(found, use_case, "cancelled", "runs")


@pages.post("/runs/<int(max=2147483647):run_id>/pause", defaults={"action": "pause"})
@pages.post("/runs/<int(max=2147483647):run_id>/resume", defaults={"action": "resume"})
@needs("run.steer")
def steer_run_form(run_id: int, action: str) -> Page:
    """Pause a live run, or resume it."""
    steer = run_control.pause_run if action == "pause" else run_control.resume_run
    found = db.session.get_one(Incident, access.visible_run(run_id).incident_id)
    said = "run_paused" if action == "pause" else "run_resumed"
    return submit_on(found, lambda: steer(run_id, "", require_caller().actor, now()), said, "runs")


@pages.post("/runs/<int(max=2147483647):run_id>/step")
@needs("run.steer")
def steer_step_form(run_id: int) -> Page:
    """Retry a failed step, or set the result of one that is in progress or has failed."""
    run = access.visible_run(run_id)
    found = db.session.get_one(Incident, run.incident_id)

    def use_case() -> None:
        form = Form()
        step, action, reason = form.raw("step"), form.raw("action"), form.needed("step_reason", REASON_LIMIT)
        form.finish()
        actor = require_caller().actor
        if action == "retry":
            run_control.retry_step(run.id, step, reason, actor, now())
        else:
            outcome: Outcome = "failed" if action == "failed" else "succeeded"
            run_control.override_step(run.id, step, outcome, typed_variables(), reason, actor, now())

    return submit_on(found, use_case, "step_steered", "runs")


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
        if form.faults:
            g.playbook_faults = tasks.variable_faults(task, typed_variables())
        form.finish()
        tasks.complete_task(task_id, outcome, typed_variables(), note, require_caller().actor, now())

    return submit_on(found, use_case, "completed", "tasks")


@pages.post("/tasks/<int(max=2147483647):task_id>/assign")
@needs("incident.change")
def assign_task_form(task_id: int) -> Page:
    """Give a task to a person, with the moment until which it is wanted."""
    task: Task = access.visible_task(task_id)
    found = db.session.get_one(Incident, task.incident_id)

    def use_case() -> None:
        form = Form()
        changes = {"assignee": form.text("assignee"), "due_at": form.bound("due_at")}
        version = form.number("task_version")
        form.finish()
        assigning.change_task(task.id, changes, version, require_caller().actor, now())

    return submit_on(found, use_case, "task_assigned", f"task-{task_id}")


@pages.post("/tasks/<int(max=2147483647):task_id>/take")
@needs("task.complete")
def take_task_form(task_id: int) -> Page:
    """Give a task that nobody has to the person who asks."""
    person_id = require_caller().person_id
    return _give(task_id, person_id, "task_taken", lambda task: person_id is not None and task.assignee_id is None)


@pages.post("/tasks/<int(max=2147483647):task_id>/return")
@needs("task.complete")
def return_task_form(task_id: int) -> Page:
    """Take a task from the person who asks, so that others of the department see that nobody has it."""
    person_id = require_caller().person_id
    return _give(task_id, None, "task_returned", lambda task: person_id is not None and task.assignee_id == person_id)


def _give(task_id: int, person_id: int | None, said: str, is_possible: Callable[[Task], bool]) -> Page:
    task: Task = access.visible_task(task_id)
    found = db.session.get_one(Incident, task.incident_id)

    def use_case() -> None:
        form = Form()
        version = form.number("task_version")
        form.finish()
        if not is_possible(task):
            raise RuleError("task.with_another", kind="conflict")
        person = None if person_id is None else db.session.get_one(Person, person_id)
        changes = {"assignee": None if person is None else person.login}
        assigning.change_task(task.id, changes, version or task.version, require_caller().actor, now())

    return submit_on(found, use_case, said, f"task-{task_id}")


def typed_variables() -> dict[str, Any]:
    """Return the typed values of variables without empty ones; a text typed next to choices counts."""
    found: dict[str, Any] = {}
    for name, typed in request.form.items(multi=True):
        if name.startswith(VARIABLE) and typed.strip():
            found[name.removeprefix(VARIABLE)] = typed.strip()[:TEXT_LIMIT]
    return found
