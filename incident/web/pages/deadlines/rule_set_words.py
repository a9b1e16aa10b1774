"""Words of rule sets: places in their documents, what a line asks for, and what differs between two versions."""

from collections.abc import Mapping
from typing import Any, Final

from incident.core.deadlines.rule_set_changes import RuleSetChange
from incident.core.deadlines.rule_sets import GradingCondition, GradingQuestion
from incident.core.values.error_messages import say
from incident.core.values.faults import RuleError
from incident.core.values.json_lines import json_line_at
from incident.core.values.marking import N_
from incident.web import i18n
from incident.web.i18n import gettext
from incident.web.i18n import gettext as _

EVIDENCE_CHOICES: Final = {
    "primary": N_("read in the rule itself"),
    "reprint": N_("read in a public reprint of the rule"),
    "fragments": N_("read in reports that quote the rule"),
    "draft": N_("read in a draft of the rule"),
    "recalled": N_("not read anywhere; recalled"),
}
TOPIC_WORDS: Final = {
    "infrastructure": N_("Critical infrastructure"),
    "portal": N_("Websites that are down"),
    "content": N_("False or illegal content on a website"),
    "people": N_("People affected"),
    "data": N_("Data"),
    "loss": N_("Loss"),
    "object": N_("By the standard GB/T 20986"),
    "other": N_("Other questions"),
}
PLACE_WORDS: Final = {
    "at_least": N_("Threshold"),
    "choices": N_("Choices"),
    "conditions": N_("Conditions"),
    "en": N_("English"),
    "evidence": N_("Evidence"),
    "grade": N_("Grade"),
    "id": N_("Id"),
    "key": N_("Key"),
    "kind": N_("Kind"),
    "lines": N_("Lines"),
    "one_of": N_("Choices that count"),
    "questions": N_("Questions"),
    "ref": N_("Rule that it cites"),
    "sectors": N_("Sectors"),
    "text": N_("Text"),
    "title": N_("Title"),
    "topic": N_("Topic"),
    "unit": N_("Unit"),
    "value": N_("Value"),
    "zh": N_("Chinese"),
}
CHANGE_WORDS: Final = {
    ("line", "added"): N_("New line"),
    ("line", "changed"): N_("Line changed"),
    ("line", "removed"): N_("Line removed"),
    ("question", "added"): N_("New question"),
    ("question", "changed"): N_("Question changed"),
    ("question", "removed"): N_("Question removed"),
    ("ref", "changed"): N_("Rule that it cites changed"),
    ("sectors", "changed"): N_("Sectors changed"),
    ("title", "changed"): N_("Title changed"),
}

YES_NO: Final[Mapping[str, bool]] = {"yes": True, "no": False}
"""How forms write the answers of a question of yes or no."""


def topic_words(topic: str) -> str:
    """Return the heading of the questions of a topic."""
    return gettext(TOPIC_WORDS.get(topic, TOPIC_WORDS["other"]))


def rule_set_place_words(pointer: str) -> str:
    """Return a place in a document in plain words, such as `Questions, number 2, Text`."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ", ".join(
        _("number %(number)s", number=int(part) + 1) if part.isdecimal() else _part_words(part) for part in parts
    )


def _part_words(part: str) -> str:
    return gettext(PLACE_WORDS[part]) if part in PLACE_WORDS else f"“{part}”"


def placed_fault(fault: RuleError, text: str, field: str) -> RuleError:
    """Return a fault of a document as one of its field, with its line and place in words."""
    words, place = say(fault.code, fault.arguments, gettext), rule_set_place_words(fault.pointer)
    line = json_line_at(text, fault.pointer)
    pointer = f"/{field}{fault.pointer}"
    if not place or line is None:
        return RuleError(fault.code, fault.arguments, pointer=pointer, kind=fault.kind)
    return RuleError(
        "rule_set.at_line", {"line": line, "place": place, "words": words.removesuffix(".")}, pointer=pointer
    )


def condition_words(condition: GradingCondition, question: GradingQuestion | None) -> str:
    """Return what one answer must be: the question, and at least a number, one of some choices, or yes."""
    language = _language()
    asked = condition.key if question is None else question.text[language]
    if condition.at_least is not None:
        number = i18n.grouped(condition.at_least)
        if question is not None and question.unit == "min":
            number = i18n.counted(condition.at_least, "minute")
        return _("%(question)s At least %(number)s", question=asked, number=number)
    if condition.one_of:
        choices = () if question is None else question.choices
        names = {one.value: one.text[language] for one in choices}
        any_of = ", ".join(names.get(one, one) for one in condition.one_of)
        return _("%(question)s One of: %(choices)s", question=asked, choices=any_of)
    return _("%(question)s Yes", question=asked)


def change_words(change: RuleSetChange) -> str:
    """Return what kind of difference it is."""
    return gettext(CHANGE_WORDS[change.part, change.change])


def said_part(change: RuleSetChange, value: Any, questions: Mapping[str, GradingQuestion]) -> str:
    """Return what the document says at a difference, before or after it; nothing where there was nothing."""
    if value is None:
        return ""
    if change.part == "sectors":
        return ", ".join(value) or _("all sectors")
    if change.part == "ref":
        return str(value)
    if change.part == "title":
        return str(value[_language()])
    words = str(value["text"][_language()])
    if change.part == "question":
        choices = [one["text"][_language()] for one in value.get("choices", ())]
        return f"{words} {' / '.join(choices)}".strip()
    conditions = [
        condition_words(
            GradingCondition(one["key"], one.get("at_least"), one.get("one_of", ())), questions.get(one["key"])
        )
        for one in value["conditions"]
    ]
    return f"{words} ({'; '.join(conditions)})"


def _language() -> str:
    return "zh" if i18n.current().startswith("zh") else "en"
