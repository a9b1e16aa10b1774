"""Merges of duplicate incidents, and undoing them."""

from typing import Any

from flask import Response
from marshmallow import Schema

from incident.actions.merges.merge_incidents import MergeRequest, merge_incidents
from incident.actions.merges.undo_merge import undo_merge
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.incidents.merging import undo_until
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import IncidentMerge, merges_around
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import WithReason, noun
from incident.web.api.fields import Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import read_version, respond
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import access, merge_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("merges", "Duplicates that were merged into other incidents.")


class MergeOut(Schema):
    """A merge of a duplicate into another incident."""

    id = schema_parts.number()
    duplicate = schema_parts.text("the incident that was closed", example="INC-2026-000002")
    survivor = schema_parts.text("the incident that goes on", example="INC-2026-000001")
    reason = schema_parts.text()
    merged_at = schema_parts.at()
    merged_by = schema_parts.text()
    undo_until = schema_parts.at("until when it can be undone")
    undone_at = schema_parts.maybe_at()
    undone_by = schema_parts.maybe()


class MergeIn(Arguments):
    """The incident that goes on, and why this one is a duplicate of it."""

    into = Text(40, is_line=True, required=True, metadata={"example": "INC-2026-000001"})
    reason = Text(REASON_LIMIT, required=True)


def merge_document(merge: IncidentMerge) -> Document:
    """Serialize a merge whose two incidents the caller may see."""
    return {
        "id": merge.id,
        "duplicate": db.session.get_one(Incident, merge.duplicate_id).number,
        "survivor": db.session.get_one(Incident, merge.survivor_id).number,
        "reason": merge.reason,
        "merged_at": format_moment(merge.merged_at),
        "merged_by": merge.merged_by,
        "undo_until": format_moment(undo_until(merge.merged_at)),
        "undone_at": moment(merge.undone_at),
        "undone_by": merge.undone_by,
    }


@blueprint.route("/incidents/<number>/merges", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, page_of(MergeOut))
def list_merges(number: str) -> Response:
    """List the merges in effect of an incident, into another one or into it; all on one page.

    A merge with an incident that the caller may not see is left out.
    """
    rows = merges_around(access.visible_incident(number).id)
    return respond({"items": [merge_document(one) for one in rows if merge_access.may_see_merge(one)], "next": None})


@blueprint.route("/incidents/<number>/merge", methods=["POST"])
@needs("incident.close")
@blueprint.arguments(MergeIn)
@blueprint.response(201, MergeOut)
def merge_incident(given: dict[str, Any], number: str) -> Response:
    """Merge an incident into another one: it is closed, and its alerts, reports, indicators and evidence move."""
    incident = access.visible_incident(number)
    version, survivor = read_version(incident.version), merge_access.named_survivor(given["into"])
    asked, actor = MergeRequest(incident.id, survivor.id, given["reason"], version), require_caller().actor
    return create(lambda idempotency: merge_incidents(asked, actor, now(), idempotency), merge_document)


@blueprint.route("/incidents/<number>/merge/undo", methods=["POST"])
@needs("incident.reopen")
@blueprint.arguments(WithReason, required=False)
@blueprint.response(200, MergeOut)
def undo_merge_of_incident(given: dict[str, Any], number: str) -> Response:
    """Undo the merge of an incident into another one, within 24 hours: what was moved goes back."""
    merge_id, actor = merge_access.last_merge(access.visible_incident(number)).id, require_caller().actor
    return create(
        lambda idempotency: undo_merge(merge_id, given["reason"], actor, now(), idempotency),
        merge_document,
        status=200,
    )
