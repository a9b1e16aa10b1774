"""Runs of playbooks on incidents."""

from typing import Any

from flask import Response

from incident.actions import runs as deeds
from incident.core.incident import REASON_LIMIT
from incident.web import access
from incident.web.api import documents
from incident.web.api.arguments import Given
from incident.web.api.endpoint import ID, PREFIX, noun
from incident.web.api.fields import Text, Values
from incident.web.api.schemas import RunOut
from incident.web.auth import needs, require_caller
from incident.web.conditional import answer, read_version
from incident.web.instance import now
from incident.web.once import create

blueprint = noun("runs", "Executions of playbooks.")


class RunIn(Given):
    """Which playbook, and values for the variables that it takes from outside."""

    playbook = Text(200, is_line=True, required=True)
    variables = Values(load_default=dict)


@blueprint.route("/incidents/<number>/runs", methods=["POST"])
@needs("run.start")
@blueprint.arguments(RunIn)
@blueprint.response(201, RunOut)
def start_run(given: dict[str, Any], number: str) -> Response:
    """Start the newest version of a playbook on an incident."""
    incident = access.seen_incident(number)
    version = read_version(incident.version)
    actor, incident_id = require_caller().actor, incident.id
    return create(
        lambda once: deeds.start_run(incident_id, given["playbook"], given["variables"], actor, now(), once, version),
        documents.run_document,
        lambda document: f"{PREFIX}/runs/{document['id']}",
    )


@blueprint.route(f"/runs/{ID.format('run_id')}", methods=["GET"])
@needs("run.read")
@blueprint.response(200, RunOut)
def read_run(run_id: int) -> Response:
    """Read a run with its steps and variables."""
    run = access.seen_run(run_id)
    return answer(documents.run_document(run), run.version)


class CancelIn(Given):
    """Why."""

    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)


@blueprint.route(f"/runs/{ID.format('run_id')}/cancel", methods=["POST"])
@needs("run.cancel")
@blueprint.arguments(CancelIn, required=False)
@blueprint.response(200, RunOut)
def cancel_run(given: dict[str, Any], run_id: int) -> Response:
    """Cancel a live run; its open tasks are cancelled."""
    run = access.seen_run(run_id)
    version = read_version(run.version)
    ended = deeds.cancel_run(run.id, given["reason"] or "", require_caller().actor, now(), version)
    return answer(documents.run_document(ended), ended.version)
