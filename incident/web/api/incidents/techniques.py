"""Techniques of MITRE ATT&CK on incidents: searched, listed, added, removed."""

from typing import Any, Final

from flask import Response
from marshmallow import Schema

from incident.actions.incidents import techniques as use_cases
from incident.data.attack import Technique, find_techniques, technique_called
from incident.store.incidents.techniques import techniques_of
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import noun
from incident.web.api.fields import Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

FOUND_LIMIT: Final = 50
blueprint = noun("techniques", "How attackers proceeded: techniques of MITRE ATT&CK Enterprise.")


class TechniqueOut(Schema):
    """A technique."""

    id = schema_parts.text(example="T1566.001")
    name = schema_parts.text(example="Spearphishing Attachment")
    tactics = schema_parts.list_of(schema_parts.text(), "the ids of the tactics that it serves, such as TA0001")


TECHNIQUES: Final = page_of(TechniqueOut)


class TechniqueWords(Arguments):
    """What is searched for."""

    q = Text(100, required=True, metadata={"description": "an id, or words of the name", "example": "phishing"})


@blueprint.route("/techniques", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(TechniqueWords, location="query")
@blueprint.response(200, TECHNIQUES)
def search_techniques(given: dict[str, Any]) -> Response:
    """Search the techniques of ATT&CK by id and name; up to 50, all on one page."""
    return respond({"items": [_document(one) for one in find_techniques(given["q"], FOUND_LIMIT)], "next": None})


@blueprint.route("/incidents/<number>/techniques", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, TECHNIQUES)
def list_techniques(number: str) -> Response:
    """List the techniques that were seen in an incident, all on one page."""
    found = techniques_of(access.visible_incident(number).id)
    items = [_document(technique_called(one)) for one in found]
    return respond({"items": items, "next": None})


@blueprint.route("/incidents/<number>/techniques/<technique>", methods=["PUT"])
@needs("incident.change")
@blueprint.response(200, TechniqueOut)
def add_technique(number: str, technique: str) -> Response:
    """Add a technique, such as T1566.001, to an incident; the same one again changes nothing."""
    use_cases.add_technique(access.visible_incident(number).id, technique, require_caller().actor, now())
    return respond(_document(technique_called(technique)))


@blueprint.route("/incidents/<number>/techniques/<technique>", methods=["DELETE"])
@needs("incident.change")
@blueprint.response(204)
def remove_technique(number: str, technique: str) -> Response:
    """Remove a technique from an incident."""
    use_cases.remove_technique(access.visible_incident(number).id, technique, require_caller().actor, now())
    return Response(status=204)


def _document(one: Technique) -> Document:
    return {"id": one.id, "name": one.name, "tactics": list(one.tactics)}
