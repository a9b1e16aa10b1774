"""Saved views of the list of incidents: own and shared ones."""

from typing import Any

from flask import Response
from marshmallow import Schema

from incident.actions.incidents import views as use_cases
from incident.core.incidents.listing.view import QUERY_LIMIT, VIEW_NAME_LIMIT
from incident.core.values.moment import format_moment
from incident.store.incidents.views import SavedView, views_for
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import ID, noun
from incident.web.api.fields import Text, Truth
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security import view_access
from incident.web.security.auth import needs, require_caller

blueprint = noun("views", "Saved views of the list of incidents.")


class ViewOut(Schema):
    """A saved view."""

    id = schema_parts.number()
    name = schema_parts.text()
    query = schema_parts.text("the query of an address of the list", example="tab=open&grade=1")
    is_shared = schema_parts.truth("everybody gets it")
    is_own = schema_parts.truth("the caller saved it")
    created_at = schema_parts.at()


class ViewsOut(Schema):
    """Saved views by name, own ones first."""

    items = schema_parts.list_of(ViewOut)


class ViewIn(Arguments):
    """A view to save; only coordinators and administrators share one."""

    name = Text(VIEW_NAME_LIMIT, is_line=True, required=True)
    query = Text(QUERY_LIMIT, is_line=True, may_be_empty=True, load_default="")
    is_shared = Truth(load_default=False)


def view_document(view: SavedView) -> Document:
    """Serialize a view."""
    return {
        "id": view.id,
        "name": view.name,
        "query": view.query,
        "is_shared": view.is_shared,
        "is_own": view.person_id is not None and view.person_id == require_caller().person_id,
        "created_at": format_moment(view.created_at),
    }


@blueprint.route("/views", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, ViewsOut)
def list_views() -> Response:
    """List the caller's own views and the shared ones."""
    return respond({"items": [view_document(view) for view in views_for(require_caller().person_id)]})


@blueprint.route("/views", methods=["POST"])
@needs("incident.read")
@blueprint.arguments(ViewIn)
@blueprint.response(201, ViewOut)
def save_view(given: dict[str, Any]) -> Response:
    """Save a view of the list of incidents under a name; a program can only share one."""
    asking = require_caller()
    view_access.require_sharing(is_shared=given["is_shared"])
    return create(
        lambda idempotency: use_cases.save_view(
            given["name"], given["query"], asking.person_id, given["is_shared"], asking.actor, now(), idempotency
        ),
        view_document,
    )


@blueprint.route(f"/views/{ID.format('view_id')}", methods=["DELETE"])
@needs("incident.read")
@blueprint.response(204)
def delete_view(view_id: int) -> Response:
    """Delete a view: one's own; a shared one if one may share."""
    use_cases.delete_view(view_access.deletable_view(view_id).id, require_caller().actor, now())
    return Response(status=204)


@blueprint.route(f"/views/{ID.format('view_id')}/restore", methods=["POST"])
@needs("incident.read")
@blueprint.response(200, ViewOut)
def restore_view(view_id: int) -> Response:
    """Undo the deletion of a view."""
    restored = use_cases.restore_view(view_access.deletable_view(view_id).id, require_caller().actor, now())
    return respond(view_document(restored))
