"""Signing secrets of sources: endpoints of the sources."""

from typing import Any

from flask import Response

from incident.actions.incidents import signatures as use_cases
from incident.web.api.arguments import Arguments, read_json
from incident.web.api.endpoint import described
from incident.web.api.fields import Text
from incident.web.api.incidents.source_documents import put_sender_signature
from incident.web.api.incidents.source_schemas import PutSignatureOut, SignatureIn
from incident.web.api.incidents.sources import SOURCE_PATH, blueprint
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.instance import current_instance, now
from incident.web.security.auth import needs, require_caller


@blueprint.route("/sources/<named:name>/signature", methods=["PUT"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.response(200, PutSignatureOut)
@blueprint.doc(
    requestBody=described(SignatureIn, {"scheme": "github", "is_token_needed": False}),
    responses={"201": {"description": "added", "content": {"application/json": {"schema": PutSignatureOut}}}},
)
def put_one_signature(name: str) -> Response:
    """Require signed requests of a source, or change how they are signed; a generated secret is shown once."""
    scheme, is_token_needed, secret = use_cases.read_signature(read_json())
    ring, actor = current_instance().ring, require_caller().actor
    put = use_cases.put_signature(name, scheme, is_token_needed, secret, ring, actor, now())
    return respond(put_sender_signature(put), status=201 if put.is_new else 200)


@blueprint.route("/sources/<named:name>/signature", methods=["DELETE"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.response(204)
def remove_one_signature(name: str) -> Response:
    """Require no signatures of a source any more; its tokens are accepted alone again."""
    use_cases.remove_signature(name, require_caller().actor, now())
    return Response(status=204)


class SigningSecretIn(Arguments):
    """Another signing secret; without one it is generated."""

    secret = Text(500, is_line=True, allow_none=True)


@blueprint.route("/sources/<named:name>/signature/secret", methods=["POST"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.arguments(SigningSecretIn, required=False)
@blueprint.response(201, PutSignatureOut)
def rotate_one_secret(given: dict[str, Any], name: str) -> Response:
    """Give a source another signing secret, shown once; for 24 hours the former one is valid as well."""
    ring, actor = current_instance().ring, require_caller().actor
    return create(
        lambda idempotency: use_cases.rotate_signing_secret(name, given.get("secret"), ring, actor, now(), idempotency),
        put_sender_signature,
    )


@blueprint.route("/sources/<named:name>/signature/old-secret", methods=["DELETE"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.response(204)
def end_one_old_secret(name: str) -> Response:
    """End the validity of the former signing secret at once."""
    use_cases.end_old_signing_secret(name, require_caller().actor, now())
    return Response(status=204)
