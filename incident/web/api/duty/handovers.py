"""Shift handovers: hand over, list one's own, confirm."""

from typing import Any

from flask import Response

from incident.actions.duty import handovers as use_cases
from incident.core.duty.handover import NOTE_LIMIT
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.duty import handovers as store
from incident.store.duty.handovers import ShiftHandover
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.duty.handover_schemas import HandoverOut
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.handover_access import giving_person, shown_lists, visible_handover

blueprint = noun("handovers", "Shifts that one officer hands over to the next, who confirms.")


class HandoverIn(Arguments):
    """The shift, the person who takes over, and a note."""

    department = Text(40, is_line=True, required=True, metadata={"description": "code"})
    to = Text(200, is_line=True, required=True, metadata={"description": "login"})
    note = Text(NOTE_LIMIT, allow_none=True, load_default=None)


@blueprint.route("/handovers", methods=["GET"])
@needs("notice.acknowledge")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(HandoverOut))
def list_handovers(given: dict[str, Any]) -> Response:
    """List the handovers that you gave or got, the newest first; a program has none."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    person_id = require_caller().person_id
    rows = [] if person_id is None else store.handovers_of(person_id, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": [_document(row) for row in shown], "next": following})


@blueprint.route("/handovers", methods=["POST"])
@needs("notice.acknowledge")
@blueprint.arguments(HandoverIn)
@blueprint.response(201, HandoverOut)
def give_shift(given: dict[str, Any]) -> Response:
    """Hand over the shift of a department; only people do so, and what both may see is kept with it."""
    giver, department = giving_person(), access.visible_own_department(given["department"])
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.hand_over(
            department, giver, given["to"], given["note"], actor, now(), idempotency
        ),
        _document,
    )


@blueprint.route(f"/handovers/{ID.format('handover_id')}", methods=["GET"])
@needs("notice.acknowledge")
@blueprint.response(200, HandoverOut)
def read_handover(handover_id: int) -> Response:
    """Read a handover that you gave or got; coordinators read all."""
    return respond(_document(visible_handover(handover_id)))


@blueprint.route(f"/handovers/{ID.format('handover_id')}/confirm", methods=["POST"])
@needs("notice.acknowledge")
@blueprint.response(200, HandoverOut)
def confirm_shift(handover_id: int) -> Response:
    """Confirm that you have taken over the shift; only the person it names can."""
    row, asking = visible_handover(handover_id), require_caller()
    return respond(_document(use_cases.confirm_handover(row.id, asking.person_id, asking.actor, now())))


def _document(row: ShiftHandover) -> Document:
    return {
        "id": row.id,
        "department": db.session.get_one(Department, row.department_id).code,
        "giver": db.session.get_one(Person, row.from_person_id).login,
        "to": db.session.get_one(Person, row.to_person_id).login,
        "note": row.note,
        "handed_at": format_moment(row.handed_at),
        "confirmed_at": moment(row.confirmed_at),
        "lists": shown_lists(row),
    }
