"""Drills: start, list, read with the score, end early."""

from typing import Any

from flask import Response

from incident.actions.drills import drills as use_cases
from incident.actions.drills.scoring import report_on
from incident.core.drills.drill import MAX_SPEED, RED_TITLE, SPEED_USUAL, TITLE
from incident.store.queries import drills
from incident.store.queries.drills import Drill
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.drills.drill_documents import drill_document, drill_items
from incident.web.api.drills.drill_schemas import DrillItem, DrillOut
from incident.web.api.endpoint import ID, PREFIX, Paged, noun
from incident.web.api.fields import Number, Text, Values
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.i18n import in_every_language
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("drills", "Exercises with playbooks, on a faster clock; nothing of them leaves the machine.")


class DrillIn(Arguments):
    """The playbook to drill; the departments of its agents are notified when none are named."""

    playbook = Text(200, is_line=True, required=True, metadata={"description": "its CACAO id"})
    speed = Number(1, MAX_SPEED, load_default=SPEED_USUAL, metadata={"description": "how much faster its clock goes"})
    departments = fields.codes(load_default=None, allow_none=True)
    variables = Values(load_default=dict)


class DrillQuery(Paged):
    """Filters of the list of drills."""

    playbook = Text(200, is_line=True, load_default=None)


@blueprint.route("/drills", methods=["POST"])
@needs("drill.run")
@blueprint.arguments(DrillIn)
@blueprint.response(201, DrillOut)
def start_drill(given: dict[str, Any]) -> Response:
    """Start a drill: a real run of the newest version of a playbook, on an exercise incident."""
    asking, zone = require_caller(), current_instance().settings.zone
    access.named_playbook(given["playbook"])
    new = use_cases.NewDrill(
        titles=in_every_language(TITLE),
        red_titles=in_every_language(RED_TITLE),
        playbook=given["playbook"],
        speed=given["speed"],
        departments=given["departments"],
        values=given["variables"],
        person_id=asking.person_id,
    )
    return create(
        lambda idempotency: use_cases.start_drill(new, asking.actor, now(), zone, idempotency),
        _document,
        lambda document: f"{PREFIX}/drills/{document['id']}",
    )


@blueprint.route("/drills", methods=["GET"])
@needs("drill.read")
@blueprint.arguments(DrillQuery, location="query")
@blueprint.response(200, page_of(DrillItem))
def list_drills(given: dict[str, Any]) -> Response:
    """List drills, the newest first."""
    after = read_cursor(given["cursor"], (int,))
    rows = drills.list_drills(access.viewer(), given["playbook"], after[0] if after else None, given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": drill_items(shown), "next": following})


@blueprint.route(f"/drills/{ID.format('drill_id')}", methods=["GET"])
@needs("drill.read")
@blueprint.response(200, DrillOut)
def read_drill(drill_id: int) -> Response:
    """Read a drill with its score, comparison and suggestions for improvement."""
    return respond(_document(access.visible_drill(drill_id)))


@blueprint.route(f"/drills/{ID.format('drill_id')}/end", methods=["POST"])
@needs("drill.run")
@blueprint.response(200, DrillOut)
def end_drill(drill_id: int) -> Response:
    """End a drill before its run has ended; open work on its incident is cancelled."""
    drill = access.visible_drill(drill_id)
    return respond(_document(use_cases.end_drill(drill.id, require_caller().actor, now())))


def _document(drill: Drill) -> dict[str, Any]:
    return drill_document(report_on(drill, access.viewer(), now()))
