"""API tokens of programs."""

from typing import Any

from flask import Response

from incident.actions.directory import tokens as use_cases
from incident.core.values.access import ROLES
from incident.store.directory import tokens
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.directory.people_documents import token_documents
from incident.web.api.directory.people_schemas import TokenOut
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Choice, Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("tokens", "Programs that call the API.")


class TokenIn(Arguments):
    """A new token."""

    name = Text(200, is_line=True, required=True)
    role = Choice(ROLES, required=True)
    department = fields.code(allow_none=True, load_default=None)


@blueprint.route("/tokens", methods=["POST"])
@needs("token.write")
@blueprint.arguments(TokenIn)
@blueprint.response(201, TokenOut)
def make_token(given: dict[str, Any]) -> Response:
    """Create a token; its value is shown once."""
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.make_token(
            given["name"], given["role"], given["department"], actor, now(), idempotency
        ),
        lambda made: token_documents([made.row])[0] | {"token": made.secret},
    )


@blueprint.route("/tokens", methods=["GET"])
@needs("token.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(TokenOut))
def list_tokens(given: dict[str, Any]) -> Response:
    """List tokens, the newest first; their values are not shown."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    rows = tokens.list_tokens(after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": token_documents(shown), "next": following})


@blueprint.route(f"/tokens/{ID.format('token_id')}", methods=["DELETE"])
@needs("token.write")
@blueprint.response(204)
def revoke_token(token_id: int) -> Response:
    """Revoke a token."""
    use_cases.revoke_token(access.visible_token(token_id).id, require_caller().actor, now())
    return Response(status=204)
