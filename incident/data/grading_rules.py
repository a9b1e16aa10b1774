"""Rule sets of grading that come with the program (`data/grading`)."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from incident.core.deadlines.figure_hash import figure_hash
from incident.core.deadlines.rule_sets import GradingChoice, GradingCondition, GradingLine, GradingQuestion, RuleSet

FIRST = "cn-cac-guide"
"""The rule set whose questions are asked first."""


@cache
def shipped_rule_sets() -> Mapping[str, RuleSet]:
    """The rule sets by id, the guide of the Cyberspace Administration first."""
    folder = resources.files(__package__).joinpath("grading")
    texts = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".json")]
    found = {one.id: one for one in map(read_rule_set_data, texts)}
    return MappingProxyType({key: found[key] for key in sorted(found, key=lambda key: (key != FIRST, key))})


def read_rule_set_data(content: bytes) -> RuleSet:
    """Return the rule set that a file of `data/grading`, or a stored version of an own one, describes."""
    document = json.loads(content)
    return RuleSet(
        id=document["id"],
        title=document["title"],
        ref=document["ref"],
        sectors=frozenset(document["sectors"]),
        questions=tuple(_question(one) for one in document["questions"]),
        lines=tuple(_line(document["id"], one) for one in document["lines"]),
        content_hash=hashlib.sha256(content).hexdigest(),
    )


def _question(document: dict[str, Any]) -> GradingQuestion:
    choices = tuple(GradingChoice(one["value"], one["text"]) for one in document.get("choices", ()))
    return GradingQuestion(**{**document, "choices": choices})


def _line(source: str, document: dict[str, Any]) -> GradingLine:
    conditions = tuple(
        GradingCondition(one["key"], one.get("at_least"), tuple(one.get("one_of", ())))
        for one in document["conditions"]
    )
    mark = figure_hash(source, document)
    return GradingLine(**{**document, "conditions": conditions, "figure_hash": mark})
