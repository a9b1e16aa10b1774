"""Tasks for people, and their results."""

from dataclasses import replace
from typing import Any

from flask import Response

from incident.actions.playbooks import assigning
from incident.actions.playbooks import tasks as use_cases
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.store.directory.people import person_by_login
from incident.store.playbooks.tasks import Task
from incident.store.queries import task_list
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, noun
from incident.web.api.fields import Choice, Moment, Text, Values
from incident.web.api.notifications.notices import WorkQuery, work_filter
from incident.web.api.playbooks.task_documents import task_documents
from incident.web.api.playbooks.task_schemas import TaskOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, read_version, respond
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("tasks", "Steps of playbooks that people do.")

ALL = "all"
STATES = ("open", "succeeded", "failed", "cancelled", "timed_out", ALL)


class TaskQuery(WorkQuery):
    """Filters of the list of tasks."""

    state = Choice(STATES, load_default="open", metadata={"description": "open ones unless it says otherwise"})
    assignee = Text(200, is_line=True, load_default=None, metadata={"description": "the login of who does it"})


@blueprint.route("/tasks", methods=["GET"])
@needs("task.read")
@blueprint.arguments(TaskQuery, location="query")
@blueprint.response(200, page_of(TaskOut))
def list_tasks(given: dict[str, Any]) -> Response:
    """List tasks, the oldest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    wanted = work_filter(given, None if given["state"] == ALL else given["state"])
    if wanted is not None and given["assignee"]:
        person = person_by_login(given["assignee"])
        wanted = None if person is None else replace(wanted, assignee_id=person.id)
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


class TaskChange(Arguments):
    """Who does it, and until when it is wanted."""

    assignee = Text(200, is_line=True, allow_none=True, metadata={"description": "a login; null for nobody"})
    due_at = Moment(allow_none=True, metadata={"description": "not after `limit_at`; null for that limit"})


@blueprint.route(f"/tasks/{ID.format('task_id')}", methods=["PATCH"])
@needs("incident.change")
@blueprint.arguments(TaskChange)
@blueprint.response(200, TaskOut)
def change_task(given: dict[str, Any], task_id: int) -> Response:
    """Give an open task to a person, with the moment until which it is wanted; needs If-Match."""
    task = access.visible_task(task_id)
    version = read_version(task.version, is_needed=True)
    return _respond(assigning.change_task(task.id, given, version, require_caller().actor, now()))


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
