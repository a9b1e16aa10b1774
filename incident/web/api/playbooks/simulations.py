"""Simulation of playbooks: one run on a virtual clock, and every path; nothing is sent or stored."""

from typing import Any

from flask import Response

from incident.core.playbooks.simulation import MAX_SEED, paths_document, play_document, read_answers
from incident.web import simulation_cache
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import PLAYBOOK, noun
from incident.web.api.fields import Number, Truth, Values
from incident.web.api.playbooks.simulation_schemas import StudyOut
from incident.web.http.conditional import respond
from incident.web.http.errors import fault_document
from incident.web.security import access
from incident.web.security.auth import needs

blueprint = noun("simulations", "Playbooks played on a virtual clock.")

ANSWERS = (
    "by the key, id or name of a step: `succeeded`, `failed` or `timed_out` (and `not_applicable`, where a filing ends "
    "the step), or `{result, after, variables}`, or a list of these, one for each visit"
)


class SimulateIn(Arguments):
    """Outcomes that are set in advance; the others are random."""

    answers = Values(
        load_default=dict,
        metadata={
            "description": ANSWERS,
            "example": {"Confirm the encryption": {"result": "succeeded", "after": "PT10M", "variables": {}}},
        },
    )
    variables = Values(load_default=dict, metadata={"description": "values of external variables by name"})
    nobody_answers = Truth(load_default=False, metadata={"description": "people answer no task but those in `answers`"})
    seed = Number(0, MAX_SEED, load_default=0, metadata={"description": "the same seed gives the same play"})


@blueprint.route(f"/playbooks/{PLAYBOOK}/simulate", methods=["POST"])
@needs("playbook.read")
@blueprint.arguments(SimulateIn, required=False)
@blueprint.response(200, StudyOut)
def simulate_playbook(given: dict[str, Any], playbook_id: str) -> Response:
    """Simulate the newest version of a playbook to its end, and list every path that it can take, failures first."""
    row = access.visible_playbook(playbook_id)
    sent = {"answers": given["answers"], "variables": given["variables"]}
    answers = read_answers(sent, is_silent=given["nobody_answers"])
    found = simulation_cache.study(row, answers, given["seed"])
    return respond(
        {
            "playbook": row.cacao_id,
            "version": found.bundle.main.version,
            "seed": given["seed"],
            "nobody_answers": given["nobody_answers"],
            "play": play_document(found),
            "exploration": paths_document(found),
            "warnings": [fault_document(fault) for fault in found.warnings],
        }
    )
