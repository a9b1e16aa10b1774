"""Following an incident: whether the caller does, and a change of it."""

from typing import Any

from flask import Response
from marshmallow import Schema
from werkzeug.exceptions import Forbidden

from incident.actions.incidents.following import follow_incident
from incident.store.incidents.followers import is_following
from incident.store.incidents.incidents import Incident
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.fields import Truth
from incident.web.api.incidents.incidents import blueprint
from incident.web.http.conditional import respond
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


class FollowingOut(Schema):
    """Whether the caller follows an incident."""

    is_following = schema_parts.truth(
        "its changes appear in the caller's inbox and are sent to them by email; always false for a program"
    )


class FollowingIn(Arguments):
    """Whether the caller is to follow the incident."""

    is_following = Truth(required=True)


@blueprint.route("/incidents/<number>/following", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, FollowingOut)
def read_following(number: str) -> Response:
    """Read whether the caller follows an incident."""
    return _respond(access.visible_incident(number))


@blueprint.route("/incidents/<number>/following", methods=["PUT"])
@needs("incident.read")
@blueprint.arguments(FollowingIn)
@blueprint.response(200, FollowingOut)
def put_following(given: dict[str, Any], number: str) -> Response:
    """Follow an incident, or follow it no longer; a program cannot."""
    incident, asking = access.visible_incident(number), require_caller()
    if asking.person_id is None:
        raise Forbidden
    follow_incident(incident.id, asking.person_id, asking.actor, now(), is_wanted=given["is_following"])
    return _respond(incident)


def _respond(incident: Incident) -> Response:
    person_id = require_caller().person_id
    return respond({"is_following": person_id is not None and is_following(incident.id, person_id)})
