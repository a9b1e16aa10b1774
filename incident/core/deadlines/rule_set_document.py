"""The document of a rule set that an administrator writes: every fault with its place, one order of members."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from incident.core.deadlines.grading import MOST
from incident.core.deadlines.rule_sets import LEAST, WORST, GradingLine, GradingQuestion, RuleSet
from incident.core.values.document import Check, Reader, one_of
from incident.core.values.faults import RuleError, member
from incident.core.values.text import require_name

Document = dict[str, Any]

KEY_LIMIT: Final = 60
SET_KEY: Final = f"[a-z0-9][a-z0-9-]{{0,{KEY_LIMIT - 1}}}"
RESERVED: Final = frozenset({"new", "try"})
"""Keys that are addresses: the form for a new rule set, and the trial."""

MAX_OWN_SETS: Final = 50
MAX_QUESTIONS: Final = 40
MAX_LINES: Final = 200
MAX_CONDITIONS: Final = 8
MAX_CHOICES: Final = 20
MAX_SECTORS: Final = 20
TEXT_LIMIT: Final = 300
SIZE_LIMIT: Final = 262_144
"""The largest size of a rule set as text, in bytes."""

LANGUAGES: Final = ("en", "zh")
KINDS: Final = ("yes_no", "number", "choice")
UNITS: Final = ("min", "cny")
TOPICS: Final = ("infrastructure", "portal", "content", "people", "data", "loss", "object", "other")
EVIDENCE: Final = ("primary", "reprint", "fragments", "draft", "recalled")

_SET_KEY = re.compile(SET_KEY, re.ASCII)
_KEY = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{KEY_LIMIT - 1}}}", re.ASCII)
_MARKUP = re.compile(r"<[a-z!/?]", re.IGNORECASE)


def check_rule_set(document: object, taken: Collection[str] = (), pointer: str = "") -> Document:
    """Return the document of a rule set with its members in one order; equal rule sets give equal documents.

    Args:
        document: what was decoded from JSON.
        taken: the ids of the program's own rule sets and regimes.
        pointer: its place in what was given.

    Raises:
        RuleError: every fault, each with its place.
    """
    reader = _RuleSetReader()
    found = reader.rule_set(document, pointer, taken)
    reader.finish()
    return found


def require_set_key(value: object, taken: Collection[str], pointer: str = "/id") -> str:
    """Return the id of an own rule set; raises RuleError `rule_set.malformed_id`, `rule_set.id_taken`."""
    if not isinstance(value, str) or not _SET_KEY.fullmatch(value):
        raise RuleError("rule_set.malformed_id", {"limit": KEY_LIMIT}, pointer=pointer)
    if value in taken or value in RESERVED:
        raise RuleError("rule_set.id_taken", pointer=pointer)
    return value


def rule_set_as_document(rule_set: RuleSet) -> Document:
    """Return the document of a rule set."""
    return {
        "id": rule_set.id,
        "title": dict(rule_set.title),
        "ref": rule_set.ref,
        "sectors": sorted(rule_set.sectors),
        "questions": [_question_document(one) for one in rule_set.questions],
        "lines": [_line_document(one) for one in rule_set.lines],
    }


def _question_document(question: GradingQuestion) -> Document:
    found: Document = {
        "key": question.key,
        "kind": question.kind,
        "text": dict(question.text),
        "topic": question.topic,
    }
    if question.unit is not None:
        found["unit"] = question.unit
    if question.choices:
        found["choices"] = [{"value": one.value, "text": dict(one.text)} for one in question.choices]
    return found


def _line_document(line: GradingLine) -> Document:
    conditions: list[Document] = []
    for one in line.conditions:
        at_least = {} if one.at_least is None else {"at_least": one.at_least}
        one_of = {"one_of": list(one.one_of)} if one.one_of else {}
        conditions.append({"key": one.key, **at_least, **one_of})
    return {
        "key": line.key,
        "grade": line.grade,
        "conditions": conditions,
        "text": dict(line.text),
        "evidence": line.evidence,
    }


def refuse_conflicts(document: Document, others: Iterable[RuleSet], earlier: Iterable[RuleSet]) -> None:
    """Raise RuleError `rule_set.question_differs` for questions that mean something else in another rule set.

    An answer is stored by the key of its question, for all rule sets and versions.

    Args:
        document: a checked document.
        others: the other rule sets that are used.
        earlier: all versions of this rule set; of a question that had answers the choices may change, the kind may not.
    """
    reader = Reader()
    known = {one.key: (one, found) for found in others for one in found.questions}
    before = {one.key: (one, found) for found in earlier for one in found.questions}
    for index, question in enumerate(document["questions"]):
        kind = (question["kind"], question.get("unit"))
        choices = {one["value"] for one in question.get("choices", ())}
        other, there = known.get(question["key"], (None, None))
        differs = other is not None and (_kind(other) != kind or {one.value for one in other.choices} != choices)
        if not differs:
            other, there = before.get(question["key"], (None, None))
            differs = other is not None and _kind(other) != kind
        if differs and there is not None:
            place = member(member("/questions", index), "key")
            reader.fault("rule_set.question_differs", place, key=question["key"], source=there.id)
    reader.finish()


def agrees_with(rule_set: RuleSet, others: Sequence[RuleSet]) -> bool:
    """Return whether the questions of a rule set mean the same as those of the same key in others."""
    known = {one.key: one for other in others for one in other.questions}
    return all(
        one.key not in known or (_kind(one) == _kind(known[one.key]) and _values(one) == _values(known[one.key]))
        for one in rule_set.questions
    )


def _kind(question: GradingQuestion) -> tuple[str, str | None]:
    return question.kind, question.unit


def _values(question: GradingQuestion) -> frozenset[str]:
    return frozenset(one.value for one in question.choices)


def plain_line(limit: int) -> Check[str]:
    """Return a check for one line of plain text: no markup, no direction marks, nothing invisible."""

    def check(value: object, pointer: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise RuleError("document.not_a_text", pointer=pointer)
        text = require_name(value, limit, pointer).strip()
        if _MARKUP.search(text):
            raise RuleError("rule_set.markup", pointer=pointer)
        return text

    return check


def _key(value: object, pointer: str) -> str:
    if isinstance(value, str) and _KEY.fullmatch(value):
        return value
    raise RuleError("rule_set.malformed_key", {"limit": KEY_LIMIT}, pointer=pointer)


def _threshold(value: object, pointer: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST:
        return value
    raise RuleError("rule_set.threshold", {"most": MOST}, pointer=pointer)


def _grade(value: object, pointer: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and WORST <= value < LEAST:
        return value
    raise RuleError("rule_set.grade", pointer=pointer)


class _RuleSetReader(Reader):
    """Reads a rule set part by part."""

    def rule_set(self, value: object, pointer: str, taken: Collection[str]) -> Document:
        parts = self.members(value, pointer, ("id", "title", "ref", "sectors", "questions", "lines"))
        if not isinstance(value, dict):
            return {}
        found: Document = {
            "id": self.required(parts, "id", pointer, lambda one, place: require_set_key(one, taken, place)),
            "title": self.required(parts, "title", pointer, self.words),
            "ref": self.required(parts, "ref", pointer, plain_line(TEXT_LIMIT)),
            "sectors": sorted(
                set(self.several(parts, "sectors", pointer, plain_line(KEY_LIMIT), MAX_SECTORS, least=0))
            ),
            "questions": self.several(parts, "questions", pointer, self.question, MAX_QUESTIONS),
        }
        questions = {one["key"]: one for one in found["questions"] if one["key"] is not None}
        self.refuse_doubled([one["key"] for one in found["questions"]], member(pointer, "questions"))
        found["lines"] = self.several(
            parts, "lines", pointer, lambda one, place: self.line(one, place, questions), MAX_LINES
        )
        self.refuse_doubled([one["key"] for one in found["lines"]], member(pointer, "lines"))
        if not self.faults:
            self.refuse_unused(found, pointer)
        return found

    def several(
        self, parts: Document, name: str, pointer: str, read: Check[Any], most: int, least: int = 1
    ) -> list[Any]:
        """Return what is read of each item of a list."""
        value, place = parts.get(name), member(pointer, name)
        if value is None and least == 0:
            return []
        if name not in parts:
            self.fault("document.missing", place)
            return []
        items = self.items(value, place, most)
        if isinstance(value, list) and len(items) < least:
            self.fault("rule_set.too_few", place, least=least)
        found = [self.checked(read, item, member(place, index)) for index, item in enumerate(items)]
        return [one for one in found if one is not None]

    def words(self, value: object, pointer: str) -> Mapping[str, str] | None:
        """Return a text by language; one that is missing is as in the other language."""
        parts = self.members(value, pointer, LANGUAGES)
        found = {
            one: text
            for one in LANGUAGES
            if (text := self.optional(parts, one, pointer, plain_line(TEXT_LIMIT))) is not None
        }
        if isinstance(value, dict) and not any(parts.get(one) is not None for one in LANGUAGES):
            self.fault("rule_set.no_words", pointer)
        any_words = next(iter(found.values()), "")
        return {one: found.get(one, any_words) for one in LANGUAGES}

    def question(self, value: object, pointer: str) -> Document:
        parts = self.members(value, pointer, ("key", "kind", "text", "topic", "unit", "choices"))
        there = isinstance(value, dict)
        found: Document = {
            "key": self.required(parts, "key", pointer, _key) if there else None,
            "kind": self.required(parts, "kind", pointer, one_of(KINDS)) if there else None,
            "text": self.required(parts, "text", pointer, self.words) if there else None,
            "topic": self.optional(parts, "topic", pointer, one_of(TOPICS)) or "other",
        }
        unit = self.optional(parts, "unit", pointer, one_of(UNITS))
        if unit is not None:
            found["unit"] = unit
            if found["kind"] not in ("number", None):
                self.fault("rule_set.unit", member(pointer, "unit"))
        if found["kind"] == "choice":
            found["choices"] = self.several(parts, "choices", pointer, self.choice, MAX_CHOICES, least=2)
            self.refuse_doubled([one["value"] for one in found["choices"]], member(pointer, "choices"), "value")
        elif parts.get("choices") and found["kind"] is not None:
            self.fault("rule_set.choices", member(pointer, "choices"))
        return found

    def choice(self, value: object, pointer: str) -> Document:
        parts = self.members(value, pointer, ("value", "text"))
        there = isinstance(value, dict)
        found = {
            "value": self.required(parts, "value", pointer, _key) if there else None,
            "text": self.required(parts, "text", pointer, self.words) if there else None,
        }
        if found["value"] == "unknown":
            self.fault("rule_set.unknown_choice", member(pointer, "value"))
        return found

    def line(self, value: object, pointer: str, questions: Mapping[str, Document]) -> Document:
        parts = self.members(value, pointer, ("key", "grade", "conditions", "text", "evidence"))
        if not isinstance(value, dict):
            return {"key": None, "conditions": []}

        def condition(one: object, place: str) -> Document:
            return self.condition(one, place, questions)

        return {
            "key": self.required(parts, "key", pointer, _key),
            "grade": self.required(parts, "grade", pointer, _grade),
            "conditions": self.several(parts, "conditions", pointer, condition, MAX_CONDITIONS),
            "text": self.required(parts, "text", pointer, self.words),
            "evidence": self.required(parts, "evidence", pointer, one_of(EVIDENCE)),
        }

    def condition(self, value: object, pointer: str, questions: Mapping[str, Document]) -> Document:
        parts = self.members(value, pointer, ("key", "at_least", "one_of"))
        if not isinstance(value, dict):
            return {}
        key = self.required(parts, "key", pointer, _key)
        question = questions.get(key or "")
        if question is None:
            if key is not None:
                self.fault("rule_set.no_such_question", member(pointer, "key"), key=key)
            return {"key": key}
        kind = question["kind"]
        if kind == "number":
            self.refuse_member(parts, "one_of", pointer)
            return {"key": key, "at_least": self.required(parts, "at_least", pointer, _threshold)}
        self.refuse_member(parts, "at_least", pointer)
        if kind == "choice":
            values = [one["value"] for one in question.get("choices", ()) if one["value"] is not None]
            return {"key": key, "one_of": self.several(parts, "one_of", pointer, one_of(values), MAX_CHOICES)}
        if kind == "yes_no":
            self.refuse_member(parts, "one_of", pointer)
        return {"key": key}

    def refuse_member(self, parts: Document, name: str, pointer: str) -> None:
        if parts.get(name) is not None:
            self.fault("rule_set.wrong_comparison", member(pointer, name))

    def refuse_doubled(self, keys: Sequence[str | None], pointer: str, name: str = "key") -> None:
        for index, key in enumerate(keys):
            if key is not None and key in keys[:index]:
                self.fault("rule_set.doubled_key", member(member(pointer, index), name), key=key)

    def refuse_unused(self, found: Document, pointer: str) -> None:
        used = {one["key"] for line in found["lines"] for one in line["conditions"]}
        for index, question in enumerate(found["questions"]):
            if question["key"] not in used:
                place = member(member(member(pointer, "questions"), index), "key")
                self.fault("rule_set.question_unused", place, key=question["key"])
