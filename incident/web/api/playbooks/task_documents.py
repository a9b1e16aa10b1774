"""Tasks as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from incident.core.playbooks.task import why_words
from incident.core.values.moment import format_moment
from incident.store.directory.people import logins_by_id
from incident.store.incidents.lookups import numbers_of
from incident.store.playbooks.tasks import Task
from incident.web.api.document_parts import Document, department_codes, moment


def task_documents(rows: Sequence[Task]) -> list[Document]:
    """Serialize tasks, each with the number of its incident and the code of its department."""
    numbers = numbers_of({task.incident_id for task in rows})
    codes = department_codes(task.department_id for task in rows)
    logins = logins_by_id({task.assignee_id for task in rows if task.assignee_id is not None})
    return [task_document(task, numbers[task.incident_id], codes, logins) for task in rows]


def task_document(task: Any, number: str, codes: Mapping[int, str], logins: Mapping[int, str]) -> Document:
    """Serialize a task, from the task or a row with the same columns; `logins` are those of assignees by id."""
    return {
        "id": task.id,
        "incident": number,
        "run": task.run_id,
        "step": task.step,
        "visit": task.visit,
        "title": task.title,
        "instructions": task.instructions,
        "command": task.shown_command,
        "why": None if task.why is None else {"code": task.why, "detail": why_words(task.why, gettext)},
        "agent": task.agent,
        "department": None if task.department_id is None else codes[task.department_id],
        "state": task.state,
        "expects": task.expects,
        "opened_at": format_moment(task.opened_at),
        "due_at": moment(task.wanted_at or task.due_at),
        "limit_at": moment(task.due_at),
        "assignee": None if task.assignee_id is None else logins[task.assignee_id],
        "ended_at": moment(task.ended_at),
        "ended_by": task.ended_by,
        "note": task.note,
    }
