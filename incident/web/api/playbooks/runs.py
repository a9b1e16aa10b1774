"""Runs of playbooks on incidents: start, read, control, recompute from the journal."""

from typing import Any

from flask import Response
from werkzeug.exceptions import NotFound

from incident.actions.incidents import proposing
from incident.actions.playbooks import manual_fallback, playbook_loader, replaying, run_control
from incident.actions.playbooks import runs as use_cases
from incident.core.cacao.engine.effects import effect_to_json
from incident.core.values.moment import format_moment
from incident.store.playbooks.runs import Run
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, PREFIX, WithNeededReason, WithReason, noun
from incident.web.api.fields import Choice, Text, Values
from incident.web.api.playbooks.engine_schemas import ReplayOut, RunStarted
from incident.web.api.playbooks.run_documents import run_document
from incident.web.api.playbooks.run_schemas import RunOut
from incident.web.api.playbooks.start_request_documents import start_request_document
from incident.web.api.playbooks.start_request_schemas import StartRequestOut
from incident.web.http.conditional import JSON, author, read_version, respond
from incident.web.http.errors import fault_document
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import access, starts
from incident.web.security.auth import needs, require_caller

blueprint = noun("runs", "Executions of playbooks.")


SCHEDULED = {
    "description": "It waits for approval, and starts then.",
    "content": {JSON: {"schema": StartRequestOut}},
}


class RunIn(Arguments):
    """The playbook, and values for its external variables."""

    playbook = Text(200, is_line=True, required=True)
    variables = Values(load_default=dict)


@blueprint.route("/incidents/<number>/runs", methods=["POST"])
@needs("run.start_proposed")
@blueprint.arguments(RunIn)
@blueprint.response(201, RunStarted)
@blueprint.doc(responses={"202": SCHEDULED})
def start_run(given: dict[str, Any], number: str) -> Response:
    """Start the newest version of a playbook on an incident; `warnings` name the commands that people have to do.

    A playbook that needs approval waits for it: the response is then 202 and a start request that is `scheduled`.
    """
    incident = access.visible_incident(number)
    version = read_version(incident.version)
    starts.startable_playbook(given["playbook"], proposing.said_by(incident))
    actor, incident_id = require_caller().actor, incident.id
    return create(
        lambda idempotency: use_cases.start_run(
            incident_id, given["playbook"], given["variables"], actor, now(), idempotency, version
        ),
        lambda made: _started(made) if isinstance(made, Run) else start_request_document(made, number),
        lambda document: None if document["state"] == "scheduled" else f"{PREFIX}/runs/{document['id']}",
        lambda made: 201 if isinstance(made, Run) else 202,
    )


def _started(run: Run) -> dict[str, Any]:
    warnings = manual_fallback.warnings_of(playbook_loader.pinned(run.pins), use_cases.profile_of(run))
    return run_document(run) | {"warnings": [fault_document(fault) for fault in warnings]}


@blueprint.route(f"/runs/{ID.format('run_id')}", methods=["GET"])
@needs("run.read")
@blueprint.response(200, RunOut)
def read_run(run_id: int) -> Response:
    """Read a run with its steps and variables."""
    return _respond(access.visible_run(run_id))


def _respond(run: Run) -> Response:
    return respond(run_document(run), run.version)


@blueprint.route(f"/runs/{ID.format('run_id')}/cancel", methods=["POST"])
@needs("run.cancel")
@blueprint.arguments(WithReason, required=False)
@blueprint.response(200, RunOut)
def cancel_run(given: dict[str, Any], run_id: int) -> Response:
    """Cancel a live run; its open tasks are cancelled."""
    run = access.visible_run(run_id)
    return _respond(use_cases.cancel_run(run.id, given["reason"] or "", *author(run.version)))


@blueprint.route(f"/runs/{ID.format('run_id')}/pause", methods=["POST"])
@needs("run.steer")
@blueprint.arguments(WithReason, required=False)
@blueprint.response(200, RunOut)
def pause_run(given: dict[str, Any], run_id: int) -> Response:
    """Pause a run: steps in progress may end, no new step begins; each timer keeps its remaining time."""
    run = access.visible_run(run_id)
    return _respond(run_control.pause_run(run.id, given["reason"] or "", *author(run.version)))


@blueprint.route(f"/runs/{ID.format('run_id')}/resume", methods=["POST"])
@needs("run.steer")
@blueprint.arguments(WithReason, required=False)
@blueprint.response(200, RunOut)
def resume_run(given: dict[str, Any], run_id: int) -> Response:
    """Resume a paused run."""
    run = access.visible_run(run_id)
    return _respond(run_control.resume_run(run.id, given["reason"] or "", *author(run.version)))


@blueprint.route(f"/runs/{ID.format('run_id')}/steps/<path:step>/retry", methods=["POST"])
@needs("run.steer")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, RunOut)
def retry_step(given: dict[str, Any], run_id: int, step: str) -> Response:
    """Retry a failed step, also in a run that failed because of it; `step` is its `key`."""
    run = access.visible_run(run_id)
    return _respond(run_control.retry_step(run.id, step, given["reason"], *author(run.version)))


class OverrideIn(WithNeededReason):
    """The reason, the result of the step, and its return values."""

    outcome = Choice(("succeeded", "failed"), load_default="succeeded")
    variables = Values(load_default=dict)


@blueprint.route(f"/runs/{ID.format('run_id')}/steps/<path:step>/override", methods=["POST"])
@needs("run.steer")
@blueprint.arguments(OverrideIn)
@blueprint.response(200, RunOut)
def override_step(given: dict[str, Any], run_id: int, step: str) -> Response:
    """Set the result of a step that is in progress or has failed; `step` is its `key`."""
    run = access.visible_run(run_id)
    outcome, variables, reason = given["outcome"], given["variables"], given["reason"]
    return _respond(run_control.override_step(run.id, step, outcome, variables, reason, *author(run.version)))


@blueprint.route(f"/runs/{ID.format('run_id')}/replay", methods=["GET"])
@needs("journal.read")
@blueprint.response(200, ReplayOut)
def replay_run(run_id: int) -> Response:
    """Recompute a run from its journal: each turn with its cause, and any differences from the stored run."""
    run = access.visible_run(run_id)
    replayed = replaying.replay_run(run.id)
    if replayed is None:
        raise NotFound
    turns = [
        {
            "at": format_moment(at),
            "cause": cause,
            "state": turn.run.state,
            "effects": [effect_to_json(effect) for effect in turn.effects],
        }
        for at, cause, turn in zip(replayed.moments, replayed.causes, replayed.turns, strict=True)
    ]
    found = [{"part": one.part, "kept": one.kept, "replayed": one.replayed} for one in replayed.differences]
    return respond({"run": run_id, "turns": turns, "differences": found})
