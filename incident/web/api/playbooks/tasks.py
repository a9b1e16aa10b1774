"""Tasks for people, and their results."""

from typing import Any

from flask import Response

from incident.actions.playbooks import tasks as use_cases
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.store.playbooks.tasks import Task
from incident.store.queries import task_list
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, noun
from incident.web.api.fields import Choice, Text, Values
from incident.web.api.notifications.notices import WorkQuery, work_filter
from incident.web.api.playbooks.task_documents import task_documents
from incident.web.api.playbooks.task_schemas import TaskOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, respond
from incident.web.http.paging import page, read_cursor
from incident.web.security import access
from incident.web.security.auth import needs

blueprint = noun("tasks", "Steps of playbooks that people do.")

ALL = "all"
STATES = ("open", "succeeded", "failed", "cancelled", "timed_out", ALL)


class TaskQuery(WorkQuery):
    """Filters of the list of tasks."""

    state = Choice(STATES, load_default="open", metadata={"description": "open ones unless it says otherwise"})


@blueprint.route("/tasks", methods=["GET"])
@needs("task.read")
@blueprint.arguments(TaskQuery, location="query")
@blueprint.response(200, page_of(TaskOut))
def list_tasks(given: dict[str, Any]) -> Response:
    """List tasks, the oldest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    wanted = work_filter(given, None if given["state"] == ALL else given["state"])
    rows = [] if wanted is None else task_list.list_tasks(access.viewer(), wanted, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": task_documents(shown), "next": following})


@blueprint.route(f"/tasks/{ID.format('task_id')}", methods=["GET"])
@needs("task.read")
@blueprint.response(200, TaskOut)
def read_task(task_id: int) -> Response:
    """Read a task."""
    return _respond(access.visible_task(task_id))


def _respond(task: Task) -> Response:
    return respond(task_documents([task])[0], task.version)


class CompleteIn(Arguments):
    """The result of the task; the variables are those that the task expects."""

    result = Choice(("succeeded", "failed"), required=True)
    variables = Values(load_default=dict)
    note = Text(DESCRIPTION_LIMIT, allow_none=True, load_default=None)


@blueprint.route(f"/tasks/{ID.format('task_id')}/complete", methods=["POST"])
@needs("task.complete")
@blueprint.arguments(CompleteIn)
@blueprint.response(200, TaskOut)
def complete_task(given: dict[str, Any], task_id: int) -> Response:
    """Complete a task; its run continues."""
    task = access.completable_task(task_id)
    result, variables, note = given["result"], given["variables"], given["note"]
    return _respond(use_cases.complete_task(task.id, result, variables, note, *author(task.version)))
