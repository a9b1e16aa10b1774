"""Tasks as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from incident.core.playbooks.task import why_words
from incident.core.values.moment import format_moment
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.directory.people import logins_by_id
from incident.store.incidents.lookups import numbers_of
from incident.store.playbooks.tasks import Task
from incident.store.queries.filing_clocks import filing_clocks
from incident.web.api.document_parts import Document, department_codes, moment


def task_documents(rows: Sequence[Task]) -> list[Document]:
    """Serialize tasks, each with the number of its incident and the code of its department."""
    numbers = numbers_of({task.incident_id for task in rows})
    codes = department_codes(task.department_id for task in rows)
    logins = logins_by_id({task.assignee_id for task in rows if task.assignee_id is not None})
    clocks = filing_clocks(rows)
    return [task_document(task, numbers[task.incident_id], codes, logins, clocks) for task in rows]


def task_document(
    task: Any,
    number: str,
    codes: Mapping[int, str],
    logins: Mapping[int, str],
    clocks: Mapping[int, IncidentClock | None],
) -> Document:
    """Serialize a task, from the task or a row with the same columns.

    Args:
        task: the task.
        number: of its incident.
        codes: of departments by id.
        logins: those of assignees by id.
        clocks: those that tasks wait for, as `filing_clocks` returns them.
    """
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
        "clock": None if task.clock_regime is None else _clock(task, clocks[task.id]),
        "expects": task.expects,
        "opened_at": format_moment(task.opened_at),
        "due_at": moment(task.wanted_at or task.due_at),
        "limit_at": moment(task.due_at),
        "assignee": None if task.assignee_id is None else logins[task.assignee_id],
        "ended_at": moment(task.ended_at),
        "ended_by": task.ended_by,
        "note": task.note,
    }


def _clock(task: Any, clock: IncidentClock | None) -> Document:
    return {
        "regime": task.clock_regime,
        "stage": task.clock_stage,
        "id": None if clock is None else clock.id,
        "state": None if clock is None else clock.state,
        "due_at": None if clock is None else moment(clock.due_at),
    }
