"""SSH targets: hosts on which playbooks may execute commands."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from incident.actions.playbooks import ssh_targets as use_cases
from incident.core.playbooks.ssh_target import SSH_PORT
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.store.playbooks.ssh_targets import AllowedTarget, list_targets, with_key
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import moment
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Number, Text
from incident.web.api.playbooks.engine_schemas import TargetOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("ssh-targets", "Places at which playbooks may have commands carried out by ssh.")


class TargetIn(Arguments):
    """A host, the user and key for signing in, and the host key that identifies it."""

    host = Text(255, is_line=True, required=True)
    port = Number(1, 65535, load_default=SSH_PORT)
    user = Text(64, is_line=True, required=True)
    key_secret = Text(use_cases.SECRET_NAME_LIMIT, is_line=True, required=True)
    host_key = Text(
        DESCRIPTION_LIMIT, required=True, metadata={"description": "a .pub file, or what ssh-keyscan prints"}
    )


@blueprint.route("/ssh-targets", methods=["POST"])
@needs("target.write")
@blueprint.arguments(TargetIn)
@blueprint.response(201, TargetOut)
def allow_target(given: dict[str, Any]) -> Response:
    """Allow commands to be executed on a host; the private key is stored on the command line."""
    host, port, user = given["host"], given["port"], given["user"]
    secret_name, host_key, actor = given["key_secret"], given["host_key"], require_caller().actor
    return create(
        lambda idempotency: use_cases.allow_target(host, port, user, secret_name, host_key, actor, now(), idempotency),
        lambda row: _documents([row])[0],
    )


@blueprint.route("/ssh-targets", methods=["GET"])
@needs("target.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(TargetOut))
def list_allowed(given: dict[str, Any]) -> Response:
    """List the SSH targets in the order in which they were allowed."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    rows = list_targets(after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": _documents(shown), "next": following})


@blueprint.route(f"/ssh-targets/{ID.format('target_id')}", methods=["DELETE"])
@needs("target.write")
@blueprint.response(204)
def withdraw_target(target_id: int) -> Response:
    """Stop allowing commands on a host."""
    use_cases.withdraw_target(target_id, require_caller().actor, now())
    return Response(status=204)


def _documents(rows: Sequence[AllowedTarget]) -> list[dict[str, Any]]:
    have_key = with_key(rows)
    return [
        {"id": row.id}
        | use_cases.target_facts(row)
        | {"has_key": row.id in have_key, "allowed_at": moment(row.allowed_at), "allowed_by": row.allowed_by}
        for row in rows
    ]
