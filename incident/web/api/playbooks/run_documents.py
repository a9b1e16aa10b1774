"""Runs as the API shows them."""

from typing import Any

from incident.core.cacao.engine.run import Run as Engine
from incident.core.drills.drill import in_real_time
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks import tasks
from incident.store.playbooks.runs import Run
from incident.web.api.document_parts import Document, moment
from incident.web.security import access


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
