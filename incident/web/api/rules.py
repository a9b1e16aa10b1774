"""The routing rules: what an alert, or an incident that does not say, gets."""

from flask import Response

from incident.actions import departments as deeds
from incident.core.rulebook import read_rules as read_document
from incident.store.rules import RuleSet, rules_in_force
from incident.web.api import documents
from incident.web.api.arguments import read_json
from incident.web.api.endpoint import noun
from incident.web.api.schemas import RulesOut
from incident.web.auth import needs, require_caller
from incident.web.conditional import answer, read_version
from incident.web.instance import now

blueprint = noun("rules", "Which departments, playbook, category and grade an alert gets; the first match decides.")


@blueprint.route("/rules", methods=["PUT"])
@needs("rules.write")
@blueprint.response(200, RulesOut)
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {
                    "rules": [{"when": {"source": "suricata", "grade": [1, 2]}, "set": {"departments": ["CERT"]}}],
                    "default": {"departments": ["DUTY"]},
                },
            }
        },
    }
)
def put_rules() -> Response:
    """Put the routing rules in force; the ones before stay in the record."""
    book = read_document(read_json())
    version = read_version(_version(rules_in_force()))
    row = deeds.put_rules(book, version, require_caller().actor, now())
    return answer(documents.rules_document(row), row.id)


@blueprint.route("/rules", methods=["GET"])
@needs("rules.read")
@blueprint.response(200, RulesOut)
def read_rules() -> Response:
    """Read the routing rules that are in force."""
    row = rules_in_force()
    return answer(documents.rules_document(row), _version(row))


def _version(row: RuleSet | None) -> int:
    return 0 if row is None else row.id
