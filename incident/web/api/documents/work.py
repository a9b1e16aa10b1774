"""Representations of runs, tasks and notices in the API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from incident.core.cacao.engine.run import Run as Engine
from incident.core.drills.drill import in_real_time
from incident.core.playbooks.task import why_words
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from incident.store.playbooks import tasks
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.queries import incident_view, listing
from incident.web import access
from incident.web.api.documents.parts import Document, department_codes, moment


def run_item(run: Any, playbook: str) -> Document:
    """Serialize a run without its steps, from the run or a row with the same columns."""
    return {
        "id": run.id,
        "name": run.name,
        "playbook": playbook,
        "state": run.state,
        "started_at": format_moment(run.started_at),
        "ended_at": moment(run.ended_at),
    }


def run_document(run: Run) -> Document:
    """Serialize a run with the visits of its steps and its variables."""
    incident = db.session.get_one(Incident, run.incident_id)
    state = in_real_time(Engine.from_json(run.document), incident.pace)
    document = run_item(run, run.pins["main"])
    document["incident"] = incident.number
    document["steps"] = [
        {
            "key": record.key,
            "step": record.step_id,
            "visit": record.visit,
            "state": record.state,
            "reason": record.reason or None,
            "started_at": format_moment(record.started_at),
            "ended_at": moment(record.ended_at),
            "due_at": moment(record.due_at),
        }
        for record in state.steps.values()
    ]
    document["variables"] = _variables(run, state)
    document["reason"] = state.reason or None
    return document


def _variables(run: Run, state: Engine) -> Document:
    """Return the variables of a run; a department sees those that its own tasks ask for."""
    if access.viewer().role != "department":
        return dict(state.variables)
    own = [one for one in tasks.tasks_of(run.incident_id) if one.run_id == run.id and access.is_own(one.department_id)]
    asked = {expected["name"] for one in own for expected in one.expects}
    return {name: value for name, value in state.variables.items() if name in asked}


def task_documents(rows: Sequence[Task]) -> list[Document]:
    """Serialize tasks, each with the number of its incident and the code of its department."""
    numbers = listing.numbers_of({task.incident_id for task in rows})
    codes = department_codes(task.department_id for task in rows)
    return [task_document(task, numbers[task.incident_id], codes) for task in rows]


def task_document(task: Any, number: str, codes: Mapping[int, str]) -> Document:
    """Serialize a task, from the task or a row with the same columns."""
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
        "due_at": moment(task.due_at),
        "ended_at": moment(task.ended_at),
        "ended_by": task.ended_by,
        "note": task.note,
    }


def notice_documents(rows: Sequence[Notice]) -> list[Document]:
    """Serialize notices, each with the delivery status of its messages."""
    numbers = listing.numbers_of({notice.incident_id for notice in rows})
    codes = department_codes(notice.department_id for notice in rows)
    sent = deliveries(incident_view.messages_of_notices([notice.id for notice in rows]) if rows else ())
    return [notice_document(notice, numbers[notice.incident_id], codes, sent) for notice in rows]


def notice_document(notice: Any, number: str, codes: Mapping[int, str], sent: Mapping[int, list[Document]]) -> Document:
    """Serialize a notice, from the notice or a row with the same columns."""
    return {
        "id": notice.id,
        "incident": number,
        "department": codes[notice.department_id],
        "state": notice.state,
        "level": notice.level,
        "round": notice.round,
        "opened_at": format_moment(notice.opened_at),
        "next_at": moment(notice.next_at),
        "acknowledged_at": moment(notice.acknowledged_at),
        "acknowledged_by": notice.acknowledged_by,
        "answered_at": moment(notice.answered_at),
        "answered_by": notice.answered_by,
        "reason": notice.reason,
        "ended_at": moment(notice.ended_at),
        "is_untold": notice.is_untold,
        "deliveries": sent.get(notice.id, []),
    }


def deliveries(rows: Iterable[Any]) -> Mapping[int, list[Document]]:
    """Serialize the delivery status of messages, by notice."""
    found: dict[int, list[Document]] = {}
    for row in rows:
        found.setdefault(row.notice_id, []).append(_delivery(row))
    return found


def _delivery(row: Any) -> Document:
    return {
        "webhook_id": row.webhook_id,
        "type": row.type,
        "contact": row.contact,
        "channel": row.channel,
        "level": row.level,
        "round": row.round,
        "state": row.state,
        "attempts": row.attempts,
        "fault": row.fault,
        "created_at": format_moment(row.created_at),
        "ended_at": moment(row.ended_at),
    }
