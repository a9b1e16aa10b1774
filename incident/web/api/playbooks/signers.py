"""Signers: people whose signatures on playbooks count."""

from typing import Any

from flask import Response

from incident.actions.playbooks import signers as use_cases
from incident.core.cacao.signing.signature import KEY_LIMIT
from incident.core.playbooks.signer import NAME_LIMIT
from incident.store.playbooks.signers import list_signers
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Bound, Text
from incident.web.api.playbooks.engine_schemas import SignerOut
from incident.web.api.playbooks.signer_documents import signer_document
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("signers", "Whose signatures on playbooks count.")


class SignerIn(Arguments):
    """The signer and the key; days are those of the instance's calendar."""

    name = Text(NAME_LIMIT, is_line=True, required=True)
    public_key = Text(
        KEY_LIMIT, required=True, metadata={"description": "PEM of a public key, or of a certificate with it"}
    )
    valid_from = Bound(allow_none=True, load_default=None)
    valid_until = Bound(is_end=True, allow_none=True, load_default=None)


@blueprint.route("/signers", methods=["POST"])
@needs("signer.write")
@blueprint.arguments(SignerIn)
@blueprint.response(201, SignerOut)
def add_signer(given: dict[str, Any]) -> Response:
    """Trust a signer; compare the fingerprint with the signer's own first."""
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.add_signer(**given, by=actor, now=now(), idempotency=idempotency), signer_document
    )


@blueprint.route("/signers", methods=["GET"])
@needs("signer.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(SignerOut))
def list_trusted(given: dict[str, Any]) -> Response:
    """List all signers, past and present, in the order in which they were added."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    rows = list_signers(after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": [signer_document(row) for row in shown], "next": following})


@blueprint.route(f"/signers/{ID.format('signer_id')}", methods=["DELETE"])
@needs("signer.write")
@blueprint.response(204)
def revoke_signer(signer_id: int) -> Response:
    """Stop trusting a signer: its signatures no longer allow a start; it stays in the list."""
    use_cases.revoke_signer(signer_id, require_caller().actor, now())
    return Response(status=204)
