"""The document of a mapping: checks it, every fault with its place, and makes the frozen value of it."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Final, TypeVar

from incident.core.incidents.alert import MAX_LABELS, AlertStatus
from incident.core.incidents.category import require_category
from incident.core.incidents.grade import require_grade
from incident.core.incidents.indicator import KINDS
from incident.core.incidents.mapping.pointer import Pointer, parse_pointer, parse_template
from incident.core.incidents.mapping.rules import (
    WORD_LIMIT,
    AlertMapping,
    CategoryRule,
    FingerprintRule,
    GradeRule,
    Identity,
    IndicatorRule,
    PayloadCondition,
    StatusRule,
    TimeRule,
    Unwrap,
    Variant,
    WordTable,
)
from incident.core.incidents.mapping.times import FORMATS, parse_offset
from incident.core.values.document import Reader, one_of, text, truth
from incident.core.values.faults import RuleError, member
from incident.core.values.text import LABEL_NAME_LIMIT

T = TypeVar("T")
VERSION: Final = 1
MAX_VARIANTS: Final = 20
MAX_RULES: Final = 100
MAX_WORDS: Final = 1_000
NAME_LIMIT: Final = 60
INDICATOR_KINDS: Final = ("ip", "hash", *KINDS)
FIELDS: Final = (
    "name",
    "when",
    "unwrap",
    "alerts",
    "ignore",
    "title",
    "description",
    "status",
    "fingerprint",
    "occurred_at",
    "ended_at",
    "grade",
    "category",
    "labels",
    "label_objects",
    "indicators",
)


def check_mapping(document: object, pointer: str = "") -> AlertMapping:
    """Return the mapping that a document describes.

    Raises RuleError with every fault, each with its place in the document.
    """
    reader = _MappingReader()
    parts = reader.members(document, pointer, ("version", "variants"))
    if isinstance(document, dict) and parts.get("version") != VERSION:
        reader.fault("mapping.version", member(pointer, "version"), version=VERSION)
    variants = reader.many(parts, "variants", pointer, reader.variant, MAX_VARIANTS)
    if isinstance(document, dict) and not variants and not reader.faults:
        reader.fault("mapping.no_variants", member(pointer, "variants"))
    reader.finish()
    return AlertMapping(variants, VERSION)


class _MappingReader(Reader):
    """Reads a mapping part by part."""

    def many(
        self, parts: dict[str, Any], name: str, pointer: str, read: Callable[[Any, str], T], most: int = MAX_RULES
    ) -> tuple[T, ...]:
        """Return what is read of each item of a list; a single value counts as a list of one."""
        value, place = parts.get(name), member(pointer, name)
        if value is None:
            return ()
        if not isinstance(value, list):
            single = self.checked(read, value, place)
            return () if single is None else (single,)
        items = self.items(value, place, most)
        found = [self.checked(read, item, member(place, index)) for index, item in enumerate(items)]
        return tuple(one for one in found if one is not None)

    def variant(self, value: object, pointer: str) -> Variant:
        parts = self.members(value, pointer, FIELDS)
        unwrap = self.optional(parts, "unwrap", pointer, self.unwrap)
        for name in ("title", "fingerprint") if unwrap is None and isinstance(value, dict) else ():
            if parts.get(name) in (None, [], ""):
                self.fault("document.missing", member(pointer, name))
        return Variant(
            name=self.required(parts, "name", pointer, text(NAME_LIMIT)) or "",
            when=self.many(parts, "when", pointer, self.condition),
            unwrap=unwrap,
            alerts=self.optional(parts, "alerts", pointer, parse_pointer),
            ignore=self.many(parts, "ignore", pointer, self.condition),
            title=self.many(parts, "title", pointer, parse_template),
            description=self.many(parts, "description", pointer, self.alternatives(parse_template)),
            status=self.many(parts, "status", pointer, self.status),
            fingerprint=self.many(parts, "fingerprint", pointer, self.fingerprint),
            occurred_at=self.many(parts, "occurred_at", pointer, self.time),
            ended_at=self.many(parts, "ended_at", pointer, self.time),
            grade=self.many(parts, "grade", pointer, self.grade),
            category=self.many(parts, "category", pointer, self.category),
            labels=self.labels(parts, pointer),
            label_objects=self.many(parts, "label_objects", pointer, parse_pointer),
            indicators=self.many(parts, "indicators", pointer, self.indicator),
        )

    def alternatives(self, read: Callable[[Any, str], T]) -> Callable[[Any, str], tuple[T, ...]]:
        """Return a reader of one value, or of a list of at least one."""

        def read_each(value: object, pointer: str) -> tuple[T, ...]:
            if not isinstance(value, list):
                return (read(value, pointer),)
            if not value:
                raise RuleError("document.not_a_list", {"most": MAX_RULES}, pointer=pointer)
            found = [
                self.checked(read, item, member(pointer, index))
                for index, item in enumerate(self.items(value, pointer, MAX_RULES))
            ]
            return tuple(one for one in found if one is not None)

        return read_each

    def pointer(self, parts: dict[str, Any], pointer: str) -> Pointer:
        found = self.required(parts, "pointer", pointer, parse_pointer)
        return found or parse_pointer("")

    def condition(self, value: object, pointer: str) -> PayloadCondition:
        parts = self.members(value, pointer, ("pointer", "is", "absent"))
        words = parts.get("is")
        listed = words if isinstance(words, list) else [words]
        table = dict.fromkeys(
            (word for index, word in enumerate(listed) if self.word(word, _place(pointer, "is", words, index))), True
        )
        return PayloadCondition(
            self.pointer(parts, pointer),
            None if words is None else self.table(table),
            self.optional(parts, "absent", pointer, truth) or False,
        )

    def word(self, value: object, pointer: str) -> bool:
        """Whether a value can stand in a table of words; a fault otherwise, but for null."""
        return value is not None and self.checked(text(WORD_LIMIT), value, pointer) is not None

    def unwrap(self, value: object, pointer: str) -> Unwrap:
        parts = self.members(value, pointer, ("member", "into", "encoding"))
        name = self.required(parts, "member", pointer, text(LABEL_NAME_LIMIT)) or ""
        into = self.optional(parts, "into", pointer, text(LABEL_NAME_LIMIT)) or name
        encoding = self.optional(parts, "encoding", pointer, one_of(("json", "base64")))
        return Unwrap(name, into, encoding == "base64")

    def status(self, value: object, pointer: str) -> StatusRule:
        parts = self.members(value, pointer, ("pointer", "firing", "resolved"))
        meanings: dict[Any, AlertStatus] = {}
        statuses: tuple[AlertStatus, ...] = ("firing", "resolved")
        for status in statuses:
            words = parts.get(status)
            for index, word in enumerate(words if isinstance(words, list) else [words]):
                if self.word(word, _place(pointer, status, words, index)):
                    meanings[word] = status
        if not meanings and isinstance(value, dict):
            self.fault("mapping.no_words", pointer, names="firing, resolved")
        return StatusRule(self.pointer(parts, pointer), self.table(meanings))

    def fingerprint(self, value: object, pointer: str) -> FingerprintRule:
        """Read a pointer, a list of values that are all needed, or an object that names needed and further ones."""
        if not isinstance(value, dict) or "pointer" in value:
            return FingerprintRule(self.alternatives(self.identity)(value, pointer))
        parts = self.members(value, pointer, ("all", "any"))
        if not parts.get("all"):
            self.fault("document.missing", member(pointer, "all"))
        return FingerprintRule(
            self.many(parts, "all", pointer, self.identity), self.many(parts, "any", pointer, self.identity)
        )

    def identity(self, value: object, pointer: str) -> Identity:
        if isinstance(value, str):
            return Identity(parse_pointer(value, pointer))
        parts = self.members(value, pointer, ("pointer", "words"))
        words = self.words(parts, "words", pointer, text(WORD_LIMIT))
        return Identity(self.pointer(parts, pointer), self.table(words) if words else None)

    def time(self, value: object, pointer: str) -> TimeRule:
        if isinstance(value, str):
            return TimeRule(parse_template(value, pointer))
        parts = self.members(value, pointer, ("value", "format", "offset"))
        template = self.required(parts, "value", pointer, parse_template) or parse_template("-")
        named = self.optional(parts, "format", pointer, one_of(tuple(FORMATS))) or "any"
        offset = self.optional(parts, "offset", pointer, text(NAME_LIMIT))
        zone = UTC if offset is None else parse_offset(offset)
        if zone is None:
            self.fault("mapping.offset", member(pointer, "offset"), example="+08:00")
        return TimeRule(template, named, zone or UTC)

    def grade(self, value: object, pointer: str) -> GradeRule:
        parts = self.members(value, pointer, ("pointer", "words", "steps"))
        steps = self.many(parts, "steps", pointer, self.step)
        words = self.words(parts, "words", pointer, require_grade)
        if not steps and not parts.get("words") and isinstance(value, dict):
            self.fault("mapping.no_words", pointer, names="words, steps")
        return GradeRule(self.pointer(parts, pointer), self.table(words), tuple(sorted(steps, reverse=True)))

    def step(self, value: object, pointer: str) -> tuple[float, int]:
        parts = self.members(value, pointer, ("least", "grade"))
        least = self.required(parts, "least", pointer, _number)
        return least or 0.0, self.required(parts, "grade", pointer, require_grade) or 4

    def category(self, value: object, pointer: str) -> CategoryRule:
        parts = self.members(value, pointer, ("pointer", "words"))
        words = self.words(parts, "words", pointer, require_category)
        table = None if parts.get("words") is None else self.table(words)
        return CategoryRule(self.pointer(parts, pointer), table)

    def words(self, parts: dict[str, Any], name: str, pointer: str, check: Callable[[Any, str], T]) -> dict[str, T]:
        """Return a table of words and what each means."""
        place = member(pointer, name)
        members = {} if parts.get(name) is None else self.members(parts[name], place)
        if len(members) > MAX_WORDS:
            self.fault("document.too_large", place, most=MAX_WORDS)
            return {}
        found = {word: self.checked(check, meaning, member(place, word[:80])) for word, meaning in members.items()}
        return {word: meaning for word, meaning in found.items() if meaning is not None}

    def table(self, words: Mapping[str, T]) -> WordTable[T]:
        plain = {word.strip().lower(): meaning for word, meaning in words.items()}
        prefixes = [(word[:-1], meaning) for word, meaning in plain.items() if word.endswith("*")]
        exact = {word: meaning for word, meaning in plain.items() if not word.endswith("*")}
        return WordTable(exact, tuple(sorted(prefixes, key=lambda pair: -len(pair[0]))))

    def labels(self, parts: dict[str, Any], pointer: str) -> tuple[tuple[str, tuple[Pointer, ...]], ...]:
        place = member(pointer, "labels")
        members = {} if parts.get("labels") is None else self.members(parts["labels"], place)
        if len(members) > MAX_LABELS:
            self.fault("alert.too_many_labels", place, most=MAX_LABELS)
            return ()
        for name in members:
            self.checked(text(LABEL_NAME_LIMIT), name, place)
        read = self.alternatives(parse_pointer)
        return tuple((name, self.checked(read, value, member(place, name)) or ()) for name, value in members.items())

    def indicator(self, value: object, pointer: str) -> IndicatorRule:
        if isinstance(value, str):
            return IndicatorRule(parse_pointer(value, pointer))
        parts = self.members(value, pointer, ("pointer", "kind"))
        return IndicatorRule(
            self.pointer(parts, pointer), self.optional(parts, "kind", pointer, one_of(INDICATOR_KINDS))
        )


def _place(pointer: str, name: str, value: object, index: int) -> str:
    place = member(pointer, name)
    return member(place, index) if isinstance(value, list) else place


def _number(value: object, pointer: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 and not math.isnan(value):
        return float(value)
    raise RuleError("mapping.number", pointer=pointer)
