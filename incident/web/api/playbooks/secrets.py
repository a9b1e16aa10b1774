"""Stored secrets and their permitted places. Values are set on the command line and never shown."""

from typing import Any

from flask import Response

from incident.actions.playbooks import secrets as use_cases
from incident.core.playbooks.secret_place import MAX_PLACES, PLACES_LIMIT, split_places
from incident.core.values.faults import RuleError
from incident.store.operations.instance import Secret
from incident.store.operations.secrets import list_secrets, secrets_by_name, version_of
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import moment
from incident.web.api.endpoint import Paged, noun
from incident.web.api.fields import Items, Text
from incident.web.api.playbooks.engine_schemas import SecretItem
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import read_version, respond
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now
from incident.web.security.auth import needs, require_caller

blueprint = noun("secrets", "Stored secrets that playbooks sign in with, each for the places where it may be used.")


class PlacesIn(Arguments):
    """A place where a secret may be used."""

    places = Items(
        Text(PLACES_LIMIT, is_line=True),
        MAX_PLACES,
        required=True,
        metadata={
            "description": "origins, or `ssh` for every allowed target, or `ssh://HOST:PORT`",
            "example": ["https://firewall.example.org"],
        },
    )


@blueprint.route("/secrets", methods=["GET"])
@needs("secret.use")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(SecretItem))
def list_deposited(given: dict[str, Any]) -> Response:
    """List the stored secrets by name; one without places cannot be used."""
    after = read_cursor(given["cursor"], (str,)) or (None,)
    rows = list_secrets(after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.name,))
    return respond({"items": [_document(row) for row in shown], "next": following})


@blueprint.route("/secrets/<path:name>/places", methods=["GET"])
@needs("secret.use")
@blueprint.response(200, SecretItem)
def get_places(name: str) -> Response:
    """Return where a stored secret may be used."""
    row = _stored(name)
    return respond(_document(row), version_of(row))


@blueprint.route("/secrets/<path:name>/places", methods=["PUT"])
@needs("secret.write")
@blueprint.arguments(PlacesIn)
@blueprint.response(200, SecretItem)
def put_places(given: dict[str, Any], name: str) -> Response:
    """Replace the places where a secret may be used."""
    version = read_version(version_of(_stored(name)))
    ring, by = current_instance().ring, require_caller().actor
    row = use_cases.place_secret(name, given["places"], ring, by, now(), version)
    return respond(_document(row), version_of(row))


def _stored(name: str) -> Secret:
    row = secrets_by_name([name]).get(name)
    if row is None:
        raise RuleError("secret.unknown", {"name": name}, kind="not_found")
    return row


def _document(row: Secret) -> dict[str, Any]:
    return {"name": row.name, "places": list(split_places(row.places)), "set_at": moment(row.set_at)}
