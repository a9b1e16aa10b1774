"""Playbooks: added as JSON or YAML, given back as JSON."""

from typing import Any

from flask import Response, request
from werkzeug.exceptions import NotFound

from incident.actions import playbooks as deeds
from incident.core.cacao import check, load
from incident.store import listing
from incident.store.playbooks import Playbook, current_playbook
from incident.web.api import documents
from incident.web.api.endpoint import PREFIX, Paged, noun
from incident.web.api.schemas import PlaybookAdded, PlaybookItem, page_of
from incident.web.auth import needs, require_caller
from incident.web.bodies import LARGE, takes
from incident.web.conditional import answer
from incident.web.errors import fault_document
from incident.web.instance import now
from incident.web.once import create
from incident.web.paging import page, read_cursor

blueprint = noun("playbooks", "CACAO 2.0 playbooks.")


@blueprint.route("/playbooks", methods=["POST"])
@needs("playbook.write")
@takes(LARGE)
@blueprint.response(201, PlaybookAdded)
@blueprint.doc(
    requestBody={
        "required": True,
        "description": "a CACAO 2.0 playbook",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
)
def add_playbook() -> Response:
    """Add a version of a playbook; a bad one is refused with every fault and its place."""
    document = load(request.get_data(cache=True))
    warnings = [fault_document(fault) for fault in check(document) if not fault.is_error]
    actor = require_caller().actor
    return create(
        lambda once: deeds.add_playbook(document, actor, now(), once),
        lambda row: documents.playbook_item(row) | {"warnings": warnings},
        lambda added: f"{PREFIX}/playbooks/{added['id']}",
    )


@blueprint.route("/playbooks", methods=["GET"])
@needs("playbook.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(PlaybookItem))
def list_playbooks(given: dict[str, Any]) -> Response:
    """List the newest version of each playbook by name."""
    after = read_cursor(given["cursor"], (str, int))
    rows = listing.list_playbooks(after, given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.name, row.id))
    return answer({"items": [documents.playbook_item(row) for row in shown], "next": following})


@blueprint.route("/playbooks/<playbook_id>", methods=["GET"])
@needs("playbook.read")
@blueprint.response(200)
def read_playbook(playbook_id: str) -> Response:
    """Read the newest version of a playbook as CACAO JSON."""
    row: Playbook | None = current_playbook(playbook_id) if playbook_id.isprintable() else None
    if row is None:
        raise NotFound
    return answer(row.document)
