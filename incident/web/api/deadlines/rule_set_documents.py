"""Rule sets of grading as the API takes and shows them."""

import json
from collections.abc import Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from incident.core.deadlines.grading import Grading
from incident.core.deadlines.rule_set_changes import RuleSetChange
from incident.core.deadlines.rule_set_document import EVIDENCE, KINDS, SET_KEY, TOPICS, UNITS
from incident.core.deadlines.rule_sets import RuleSet
from incident.core.values.moment import format_moment
from incident.store.deadlines.rule_sets import OwnRuleSet, RuleSetVersion
from incident.web.api import schema_parts
from incident.web.api.document_parts import Document

WORDS: Final = {"additionalProperties": {"type": "string"}, "example": {"en": "Substations down", "zh": "变电站停运"}}
ANSWERS: Final = {"description": "answers by the key of the question, as for an incident", "example": {"stations": 3}}

EXAMPLE: Final[dict[str, Any]] = {
    "id": "grid",
    "title": {"en": "Outages of the grid", "zh": "电网停运"},
    "ref": "Internal rule 7",
    "sectors": ["energy"],
    "questions": [
        {
            "key": "stations_down",
            "kind": "number",
            "text": {"en": "How many substations are down?", "zh": "多少座变电站停运？"},
            "topic": "infrastructure",
        }
    ],
    "lines": [
        {
            "key": "grid.stations.2",
            "grade": 2,
            "conditions": [{"key": "stations_down", "at_least": 3}],
            "text": {"en": "3 substations or more down", "zh": "3座以上变电站停运"},
            "evidence": "primary",
        }
    ],
}


class RuleSetChoice(Schema):
    """One answer of a question with choices."""

    value = schema_parts.text()
    text = fields.Dict(required=True, metadata=WORDS)


class RuleSetQuestion(Schema):
    """A question about the facts of an incident."""

    key = schema_parts.text(example="stations_down")
    kind = schema_parts.text(enum=list(KINDS))
    text = fields.Dict(required=True, metadata=WORDS)
    topic = fields.String(metadata={"enum": list(TOPICS), "description": "absent: other"})
    unit = fields.String(metadata={"enum": list(UNITS), "description": "of a number; min grows with time"})
    choices = fields.List(fields.Nested(RuleSetChoice), metadata={"description": "of a choice, at least two"})


class RuleSetCondition(Schema):
    """What one answer must be; for yes or no it must be yes."""

    key = schema_parts.text("of a question", example="stations_down")
    at_least = fields.Integer(metadata={"description": "for a number"})
    one_of = fields.List(fields.String(), metadata={"description": "for a choice"})


class RuleSetLine(Schema):
    """The grade of an incident for which all conditions hold."""

    key = schema_parts.text(example="grid.stations.2")
    grade = schema_parts.number("1 (gravest) to 3")
    conditions = schema_parts.list_of(RuleSetCondition)
    text = fields.Dict(required=True, metadata=WORDS)
    evidence = schema_parts.text("where the figure was read", enum=list(EVIDENCE))


class RuleSetDocument(Schema):
    """A rule set, as in `incident/data/grading` (docs/grading.md)."""

    id = fields.String(required=True, metadata={"pattern": f"^{SET_KEY}$", "example": "grid"})
    title = fields.Dict(required=True, metadata=WORDS)
    ref = schema_parts.text("the rule that it cites")
    sectors = fields.List(fields.String(), metadata={"description": "of the incidents it is for; empty: all"})
    questions = schema_parts.list_of(RuleSetQuestion)
    lines = schema_parts.list_of(RuleSetLine)


class RuleSetItem(Schema):
    """A rule set in the list."""

    id = schema_parts.text()
    title = fields.Dict(required=True, metadata=WORDS)
    ref = schema_parts.text()
    sectors = schema_parts.list_of(fields.String())
    content_hash = schema_parts.text("SHA-256 of its content, to which decisions refer")
    is_own = schema_parts.truth("whether an administrator wrote it")
    is_active = schema_parts.truth("whether open incidents are graded by it; false: it was retired")
    is_used = schema_parts.truth("false when a built-in rule set has taken its id or one of its questions")
    version = schema_parts.maybe_number("of an own one")
    changed_at = schema_parts.maybe_at()


class RuleSetsOut(Schema):
    """All rule sets, those of the program first."""

    items = schema_parts.list_of(RuleSetItem)


class OwnRuleSetOut(RuleSetItem):
    """A rule set with its content."""

    rule_set = fields.Nested(RuleSetDocument, required=True)


class RuleSetVersionOut(Schema):
    """A rule set as it was from one change to the next."""

    version = schema_parts.number()
    content_hash = schema_parts.text()
    is_active = schema_parts.truth()
    reason = schema_parts.maybe("why it was retired")
    put_at = schema_parts.at()
    put_by = schema_parts.text()
    rule_set = fields.Nested(RuleSetDocument, required=True)


class RuleSetChangeOut(Schema):
    """One difference between a rule set and the version that is in force."""

    part = schema_parts.text(enum=["title", "ref", "sectors", "question", "line"])
    change = schema_parts.text(enum=["added", "removed", "changed"])
    key = schema_parts.maybe("of the question or line")
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class RuleSetTrialIn(Schema):
    """A rule set that need not be stored, and answers to grade with it."""

    rule_set = fields.Nested(RuleSetDocument, required=True)
    answers = fields.Dict(metadata=ANSWERS)


class RuleSetTrialOut(Schema):
    """What would change, and the grade that the answers would prove by this rule set alone."""

    content_hash = schema_parts.text("SHA-256 that it would have")
    changes = schema_parts.list_of(RuleSetChangeOut, "against the version in force; all is added when there is none")
    certain = schema_parts.number()
    possible = schema_parts.number()
    lines = schema_parts.list_of(fields.String(), "keys of the lines that give the certain grade")


def rule_set_item(rule_set: RuleSet, row: OwnRuleSet | None, *, is_used: bool) -> Document:
    """Serialize a rule set for the list; `row` is that of an own one."""
    return {
        "id": rule_set.id,
        "title": dict(rule_set.title),
        "ref": rule_set.ref,
        "sectors": sorted(rule_set.sectors),
        "content_hash": rule_set.content_hash,
        "is_own": row is not None,
        "is_active": row is None or row.is_active,
        "is_used": is_used,
        "version": None if row is None else row.version,
        "changed_at": None if row is None else format_moment(row.changed_at),
    }


def rule_set_version_document(row: RuleSetVersion) -> Document:
    """Serialize a version."""
    return {
        "version": row.version,
        "content_hash": row.content_hash,
        "is_active": row.is_active,
        "reason": row.reason,
        "put_at": format_moment(row.put_at),
        "put_by": row.put_by,
        "rule_set": json.loads(row.content),
    }


def rule_set_trial(content_hash: str, changes: Sequence[RuleSetChange], grading: Grading) -> Document:
    """Serialize a trial."""
    return {
        "content_hash": content_hash,
        "changes": [
            {"part": one.part, "change": one.change, "key": one.key, "before": one.before, "after": one.after}
            for one in changes
        ],
        "certain": grading.certain,
        "possible": grading.possible,
        "lines": [one.key for one in grading.lines],
    }
