"""Rule sets of grading: those of the program, and those that administrators write, with their versions."""

import json
from typing import Any, Final

from flask import Response

from incident.actions.deadlines import own_rule_sets as use_cases
from incident.actions.rule_set_versions import is_usable, own_rules_at
from incident.core.deadlines.rule_set_document import SET_KEY, check_rule_set, rule_set_as_document
from incident.core.deadlines.rule_sets import RuleSet
from incident.core.incidents.source import moved_faults
from incident.core.values.document import Reader
from incident.core.values.faults import RuleError
from incident.data.grading_rules import shipped_rule_sets
from incident.store.deadlines import rule_sets
from incident.store.deadlines.rule_sets import OwnRuleSet
from incident.web.api.arguments import read_json
from incident.web.api.deadlines.rule_set_documents import (
    EXAMPLE,
    OwnRuleSetOut,
    RuleSetDocument,
    RuleSetsOut,
    RuleSetTrialIn,
    RuleSetTrialOut,
    RuleSetVersionOut,
    rule_set_item,
    rule_set_trial,
    rule_set_version_document,
)
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import Paged, WithNeededReason, described, noun
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import read_version, respond
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("rule sets", "Rules by which incidents are graded: built in, or written by administrators.")

RULE_SET: Final = "/grading-rule-sets/<named:rule_set_id>"
RULE_SET_PATH: Final = {
    "in": "path",
    "name": "rule_set_id",
    "schema": {"type": "string", "pattern": f"^{SET_KEY}$"},
    "example": "grid",
}
_TRIAL: Final = {"rule_set": EXAMPLE, "answers": {"stations_down": 3}}


@blueprint.route("/grading-rule-sets", methods=["GET"])
@needs("organization.read")
@blueprint.response(200, RuleSetsOut)
def list_rule_sets() -> Response:
    """List the rule sets: those of the program, and one's own, retired ones last."""
    every = [rule_set_item(one, None, is_used=True) for one in shipped_rule_sets().values()]
    return respond({"items": [*every, *map(_item, rule_sets.list_own_rule_sets())]})


@blueprint.route("/grading-rule-sets/try", methods=["POST"])
@needs("organization.read")
@blueprint.response(200, RuleSetTrialOut)
@blueprint.doc(requestBody=described(RuleSetTrialIn, _TRIAL))
def try_rule_set() -> Response:
    """Show what a rule set would change, and which grade answers would prove by it; nothing is stored."""
    given = read_json()
    reader = Reader()
    parts = reader.members(given, "", ("rule_set", "answers"))
    document = reader.required(
        parts, "rule_set", "", lambda one, place: check_rule_set(one, use_cases.taken_ids(), place)
    )
    answers = reader.members(parts.get("answers", {}), "/answers")
    reader.finish()
    try:
        use_cases.check_usable(document or {})
    except RuleError as fault:
        raise moved_faults(fault, "rule_set") from fault
    tried = use_cases.try_rule_set(document or {}, answers, now())
    return respond(rule_set_trial(tried.rule_set.content_hash, tried.changes, tried.grading))


@blueprint.route(RULE_SET, methods=["GET"], parameters=[RULE_SET_PATH])
@needs("organization.read")
@blueprint.response(200, OwnRuleSetOut)
def read_rule_set(rule_set_id: str) -> Response:
    """Read a rule set with its content; an own one also when it was retired."""
    shipped = shipped_rule_sets().get(rule_set_id)
    if shipped is not None:
        item = rule_set_item(shipped, None, is_used=True)
        return respond({**item, "rule_set": rule_set_as_document(shipped)})
    row = _seen(rule_set_id)
    return respond(_document(row), row.version)


@blueprint.route(RULE_SET, methods=["PUT"], parameters=[RULE_SET_PATH])
@needs("organization.write")
@blueprint.response(200, OwnRuleSetOut)
@blueprint.doc(
    requestBody=described(RuleSetDocument, EXAMPLE),
    responses={"201": {"description": "added", "content": {"application/json": {"schema": OwnRuleSetOut}}}},
)
def put_rule_set(rule_set_id: str) -> Response:
    """Publish a rule set; each change is a new version (If-Match is needed), and the earlier ones stay readable."""
    document = check_rule_set(read_json(), use_cases.taken_ids())
    if document["id"] != rule_set_id:
        raise RuleError("rule_set.other_id", {"id": rule_set_id[:60]}, pointer="/id")
    row = rule_sets.own_rule_set(rule_set_id)
    version = read_version(0 if row is None else row.version, is_needed=row is not None)
    if row is None and version is None:
        version = 0  # one who adds it must not replace what another added meanwhile
    put, is_new = use_cases.publish_rule_set(document, version, require_caller().actor, now())
    return respond(_document(put), put.version, 201 if is_new else 200)


@blueprint.route(f"{RULE_SET}/retire", methods=["POST"], parameters=[RULE_SET_PATH])
@needs("organization.write")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, OwnRuleSetOut)
def retire_rule_set(given: dict[str, Any], rule_set_id: str) -> Response:
    """Retire a rule set: no incident is graded by it any more. To use it again, publish it."""
    version = read_version(_seen(rule_set_id).version)
    row = use_cases.retire_rule_set(rule_set_id, given["reason"], version, require_caller().actor, now())
    return respond(_document(row), row.version)


@blueprint.route(f"{RULE_SET}/versions", methods=["GET"], parameters=[RULE_SET_PATH])
@needs("organization.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(RuleSetVersionOut))
def list_rule_set_versions(given: dict[str, Any], rule_set_id: str) -> Response:
    """List the versions of an own rule set, the newest first."""
    before = read_cursor(given["cursor"], (int,)) or (None,)
    found = rule_sets.rule_set_versions(_seen(rule_set_id).id, before[0], given["limit"] + 1)
    shown, following = page(found, given["limit"], lambda one: (one.version,))
    return respond({"items": [rule_set_version_document(one) for one in shown], "next": following})


@blueprint.route(f"{RULE_SET}/versions/<content_hash>", methods=["GET"], parameters=[RULE_SET_PATH])
@needs("organization.read")
@blueprint.response(200, RuleSetVersionOut)
def read_rule_set_version(rule_set_id: str, content_hash: str) -> Response:
    """Read an own rule set at the SHA-256 that a decision refers to."""
    found = rule_sets.version_by_hash(_seen(rule_set_id).id, content_hash[:64])
    if found is None:
        raise RuleError("rule_set.unknown", kind="not_found")
    return respond(rule_set_version_document(found))


def _seen(rule_set_id: str) -> OwnRuleSet:
    row = rule_sets.own_rule_set(rule_set_id)
    if row is None:
        raise RuleError("rule_set.unknown", kind="not_found")
    return row


def _rules(row: OwnRuleSet) -> tuple[RuleSet, str]:
    found = rule_sets.rule_set_version(row.id, row.version)
    if found is None:
        raise LookupError(row.key)
    return own_rules_at(found.content_hash), found.content


def _item(row: OwnRuleSet) -> Document:
    rules, _ = _rules(row)
    return rule_set_item(rules, row, is_used=row.is_active and is_usable(rules))


def _document(row: OwnRuleSet) -> Document:
    return {**_item(row), "rule_set": json.loads(_rules(row)[1])}
