"""Routing rules: they set the fields that an alert or an incident leaves out."""

from typing import Any

from flask import Response

from incident.actions.directory import departments as use_cases
from incident.actions.incidents import routing
from incident.core.incidents.routing import RoutingInput as Asked
from incident.core.incidents.routing_document import SOURCE_LIMIT
from incident.core.incidents.routing_document import read_rules as read_document
from incident.store.incidents.rules import RuleSet, rules_in_force
from incident.web.api import fields
from incident.web.api.arguments import Arguments, read_json
from incident.web.api.endpoint import described, noun
from incident.web.api.fields import Text
from incident.web.api.incidents.rule_documents import rules_document, trial_document
from incident.web.api.incidents.rule_schemas import RulesIn, RulesOut
from incident.web.api.notifications.policy_schemas import TrialOut
from incident.web.http.conditional import read_version, respond
from incident.web.instance import now
from incident.web.security import secret_use
from incident.web.security.auth import needs, require_caller

blueprint = noun("rules", "Which departments, playbook, category and grade an alert gets; the first match decides.")

_RULES: dict[str, Any] = {
    "rules": [{"when": {"source": "suricata", "grade": [1, 2]}, "set": {"departments": ["CERT"]}}],
    "default": {"departments": ["CERT"]},
}


@blueprint.route("/rules", methods=["PUT"])
@needs("rules.write")
@blueprint.response(200, RulesOut)
@blueprint.doc(requestBody=described(RulesIn, _RULES))
def put_rules() -> Response:
    """Put the routing rules in force; earlier rules stay in the record."""
    book = secret_use.writable_rules(read_document(read_json()))
    version = read_version(_version(rules_in_force()))
    row = use_cases.put_rules(book, version, require_caller().actor, now())
    return respond(rules_document(row), row.id)


class TrialIn(Arguments):
    """Fields of a possible incident; `at` is the time of opening, by default now."""

    source = Text(SOURCE_LIMIT, is_line=True, allow_none=True, load_default=None)
    category = fields.category(allow_none=True, load_default=None)
    grade = fields.Grade(allow_none=True, load_default=None)
    sector = fields.area("energy", allow_none=True, load_default=None)
    region = fields.area("330100", allow_none=True, load_default=None)
    campaign = fields.area("HW-2026", allow_none=True, load_default=None)
    labels = fields.Values(load_default=dict)
    systems = fields.codes(load_default=list)
    at = fields.Bound(load_default=None)


@blueprint.route("/rules/try", methods=["POST"])
@needs("rules.read")
@blueprint.arguments(TrialIn)
@blueprint.response(200, TrialOut)
def try_rules(given: dict[str, Any]) -> Response:
    """Preview who would be notified of an incident, by which rule, and the escalation if no one acknowledged."""
    at = given.pop("at") or now()
    labels = {name: str(value) for name, value in given.pop("labels").items()}
    systems = routing.named_systems(given.pop("systems"))
    return respond(trial_document(routing.try_rules(Asked(**given, labels=labels, systems=systems), at)))


@blueprint.route("/rules", methods=["GET"])
@needs("rules.read")
@blueprint.response(200, RulesOut)
def read_rules() -> Response:
    """Read the routing rules that are in force."""
    row = rules_in_force()
    return respond(rules_document(row), _version(row))


def _version(row: RuleSet | None) -> int:
    return 0 if row is None else row.id
