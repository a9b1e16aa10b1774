"""Schemas of routing rules in requests and responses."""

from typing import Any

from marshmallow import Schema, fields

from incident.core.incidents.category import CATEGORY_LIMIT
from incident.core.incidents.grouping import GROUP_FIELDS, LABEL_PREFIX
from incident.core.incidents.routing_document import MAX_RULES, MAX_VALUES, PLAYBOOK_LIMIT, SOURCE_LIMIT
from incident.core.systems.system import CRITICALITIES, LEAST_LEVEL, MOST_LEVEL
from incident.core.values.affiliation import AREA_LIMIT
from incident.core.values.identifier import CODE_LIMIT
from incident.core.values.text import LABEL_LIMIT, LABEL_NAME_LIMIT
from incident.web.api import schema_parts


def _one_or_many(of: dict[str, Any], about: str) -> fields.Raw:
    """Return a field for one value or a list of values; the list is not empty."""
    many = {"type": "array", "items": of, "minItems": 1, "maxItems": MAX_VALUES}
    return fields.Raw(metadata={"oneOf": [of, many], "description": about})


def _text(limit: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": limit}


_LEVEL = {"type": "integer", "minimum": LEAST_LEVEL, "maximum": MOST_LEVEL}
_GRADE = {"type": "integer", "minimum": 1, "maximum": 4}
_LABEL = _text(LABEL_LIMIT)


class RuleWhen(Schema):
    """The conditions of a rule; a condition that is left out matches everything."""

    source = _one_or_many(_text(SOURCE_LIMIT), "who sent the alert, such as suricata")
    category = _one_or_many(_text(CATEGORY_LIMIT), "a category; one stands for those below it as well")
    grade = _one_or_many(_GRADE, "1, most serious, to 4")
    sector = _one_or_many(_text(AREA_LIMIT), "a critical sector, parts included")
    region = _one_or_many(_text(AREA_LIMIT), "a region, parts included")
    campaign = _one_or_many(_text(AREA_LIMIT), "a special action")
    system = _one_or_many(_text(CODE_LIMIT), "the code of a system that the incident is about")
    protection_level = _one_or_many(_LEVEL, "the level of protection of the same system, 1 to 5")
    criticality = _one_or_many({"type": "string", "enum": list(CRITICALITIES)}, "the criticality of the same system")
    labels = fields.Dict(
        metadata={
            "description": "labels of the alert, each with one value or several",
            "additionalProperties": {
                "oneOf": [_LABEL, {"type": "array", "items": _LABEL, "minItems": 1, "maxItems": MAX_VALUES}]
            },
        }
    )


class RuleSetting(Schema):
    """The values that a rule sets where an incident leaves them out."""

    departments = fields.List(
        fields.String(), metadata={"description": "codes of those that are notified", "maxItems": MAX_VALUES}
    )
    competent = fields.Boolean(
        allow_none=True, metadata={"description": "notify the departments whose competence covers the incident as well"}
    )
    owners = fields.Boolean(
        allow_none=True, metadata={"description": "notify the departments that own the systems of the incident as well"}
    )
    playbook = fields.String(
        allow_none=True,
        metadata={"description": "the id of the playbook that starts", "minLength": 1, "maxLength": PLAYBOOK_LIMIT},
    )
    category = fields.String(allow_none=True, metadata={"minLength": 1, "maxLength": CATEGORY_LIMIT})
    grade = fields.Integer(allow_none=True, metadata={"minimum": 1, "maximum": 4})


class RoutingRule(Schema):
    """A rule: the first that matches decides."""

    when = fields.Nested(RuleWhen)
    set = fields.Nested(RuleSetting)
    group_by = _one_or_many(
        _text(len(LABEL_PREFIX) + LABEL_NAME_LIMIT),
        f"alerts with the same values go to one incident: {', '.join(GROUP_FIELDS)}, or a label as labels.NAME",
    )
    window = fields.String(
        allow_none=True,
        metadata={"description": "within which time after the last alert of the group, in ISO 8601", "example": "PT1H"},
    )


class RuleDefault(Schema):
    """The departments that are notified when no rule names one."""

    departments = fields.List(fields.String(), metadata={"description": "codes", "maxItems": MAX_VALUES})
    competent = fields.Boolean(allow_none=True)
    owners = fields.Boolean(allow_none=True)


class RulesIn(Schema):
    """The routing rules that replace those in force; without `default` no department is notified by default."""

    rules = fields.List(fields.Nested(RoutingRule), required=True, metadata={"maxItems": MAX_RULES})
    default = fields.Nested(RuleDefault)


class RulesOut(Schema):
    """The routing rules."""

    rules = schema_parts.list_of(RoutingRule)
    default = fields.Nested(RuleDefault, required=True)
