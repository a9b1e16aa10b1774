"""The form of a mapping: each target as texts that people choose or type, and the document that they describe.

`write_mapping` and `read_mapping_form` are inverse to each other for every mapping that the form can express.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from incident.core.incidents.mapping.document import VERSION, check_mapping
from incident.core.incidents.mapping.pointer import parse_pointer
from incident.core.values.faults import RuleError, raise_all

GRADES: Final = (1, 2, 3, 4)
PREFIX: Final = "/variants/0"
_SEPARATORS = re.compile(r"[,，、\r\n]")  # people type them in Chinese texts
_NO_WORDS: Final = ("",) * len(GRADES)

Words = tuple[str, str]
"""The place of a value, or a text with places in braces, which counts where both are given."""


@dataclass(frozen=True, slots=True)
class TimeFields:
    """Where a moment is, in which format, and the offset of one without a zone."""

    words: Words = ("", "")
    format: str = "any"
    offset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingForm:
    """What the fields of the form contain, by the members of a variant; nothing is checked yet.

    `words` are separated by commas; `grade_words` and `grade_from` (the least number) belong to the grades I to IV.
    A row of `category_words` is a word and its category, one of `labels` a name and a place, one of `indicators` a
    place and a kind.
    """

    name: str = "alert"
    alerts: str = ""
    title: tuple[Words, ...] = ()
    description: tuple[Words, ...] = ()
    status: str = ""
    resolved: str = ""
    firing: str = ""
    fingerprint: tuple[str, ...] = ()
    occurred_at: TimeFields = TimeFields()
    ended_at: TimeFields = TimeFields()
    grade: str = ""
    grade_words: tuple[str, ...] = _NO_WORDS
    grade_from: tuple[str, ...] = _NO_WORDS
    category: str = ""
    category_words: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    indicators: tuple[tuple[str, str], ...] = ()


def split_words(text: str) -> list[str]:
    """Return the words of a field, which commas or lines separate."""
    return [word for part in _SEPARATORS.split(text) if (word := part.strip())]


def write_mapping(form: MappingForm) -> dict[str, Any]:
    """Return the document of the mapping that a form describes.

    Raises RuleError with every fault; its pointer is that of the target, such as `/title`.
    """
    values, faults = written_members(form)
    document = {"version": VERSION, "variants": [{"name": form.name, **values}]}
    try:
        check_mapping(document)
    except RuleError as fault:
        faulty = {one.pointer for one in faults}
        faults += [one for one in map(_at_target, fault.all) if one.pointer not in faulty]
    raise_all(faults)
    return document


def written_members(form: MappingForm) -> tuple[dict[str, Any], list[RuleError]]:
    """Return the members of the variant that can be written, and the faults of the others."""
    values: dict[str, Any] = {}
    faults: list[RuleError] = []
    for name, write in _WRITERS.items():
        try:
            value = write(form)
        except RuleError as fault:
            faults.append(RuleError(fault.code, fault.arguments, pointer=f"/{name}"))
        else:
            values |= {name: value} if value else {}
    return values, faults


def _at_target(fault: RuleError) -> RuleError:
    target = fault.pointer.removeprefix(PREFIX).split("/")[1:2]
    return RuleError(fault.code, fault.arguments, pointer="".join(f"/{name}" for name in target))


def _template(words: Words) -> str | None:
    place, text = words
    return text or (f"{{{place}}}" if place else None)


def _templates(rows: Sequence[Words]) -> str | list[str]:
    texts = [text for row in rows if (text := _template(row))]
    return texts[0] if len(texts) == 1 else texts


def _status(form: MappingForm) -> dict[str, Any] | None:
    if not form.status:
        return None
    tables = {"firing": split_words(form.firing), "resolved": split_words(form.resolved)}
    if not any(tables.values()):
        raise RuleError("mapping.state_words")
    _refuse_doubled([word for words in tables.values() for word in words])
    return {"pointer": form.status, **{name: words for name, words in tables.items() if words}}


def _fingerprint(form: MappingForm) -> Any:
    places = [place for place in form.fingerprint if place]
    return places[0] if len(places) == 1 else [places] if places else None


def _time(fields: TimeFields) -> Any:
    template = _template(fields.words)
    if template is None or (fields.format == "any" and not fields.offset):
        return template
    return {
        "value": template,
        "format": fields.format,
        **({"offset": fields.offset} if fields.offset else {}),
    }


def _grade(form: MappingForm) -> dict[str, Any] | None:
    if not form.grade:
        return None
    pairs = [(word, grade) for grade, text in zip(GRADES, form.grade_words, strict=False) for word in split_words(text)]
    _refuse_doubled([word for word, _ in pairs])
    steps = [
        {"least": _number(text.strip()), "grade": grade}
        for grade, text in zip(GRADES, form.grade_from, strict=False)
        if text.strip()
    ]
    if not pairs and not steps:
        raise RuleError("mapping.grade_words")
    return {"pointer": form.grade} | ({"words": dict(pairs)} if pairs else {}) | ({"steps": steps} if steps else {})


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RuleError("mapping.number")
    return int(number) if number.is_integer() else number


def _category(form: MappingForm) -> dict[str, Any] | None:
    if not form.category:
        return None
    rows = [row for row in form.category_words if any(row)]
    for word, category in rows:
        if not word or not category:
            raise RuleError("mapping.category_row", {"given": word or category})
    _refuse_doubled([word for word, _ in rows])
    return {"pointer": form.category} | ({"words": dict(rows)} if rows else {})


def _labels(form: MappingForm) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, place in form.labels:
        if name and not place:
            raise RuleError("mapping.label_place", {"label": name})
        named = name or label_name(place)
        if place and named in found:
            raise RuleError("mapping.label_twice", {"label": named})
        found |= {named: place} if place else {}
    return found


def label_name(place: str) -> str:
    """Return the name of a label that was given none: the last name in its place."""
    tokens = [token for token in parse_pointer(place).tokens if token != "*"] if place else []  # noqa: S105
    return tokens[-1] if tokens else ""


def _indicators(form: MappingForm) -> list[Any]:
    return [{"pointer": place, "kind": kind} if kind else place for place, kind in form.indicators if place]


def _refuse_doubled(words: Iterable[str]) -> None:
    seen: set[str] = set()
    for word in words:
        plain = word.lower()
        if plain in seen:
            raise RuleError("mapping.word_twice", {"word": word})
        seen.add(plain)


_WRITERS: Final[Mapping[str, Callable[[MappingForm], Any]]] = {
    "alerts": lambda form: form.alerts,
    "title": lambda form: _templates(form.title),
    "description": lambda form: _templates(form.description),
    "status": _status,
    "fingerprint": _fingerprint,
    "occurred_at": lambda form: _time(form.occurred_at),
    "ended_at": lambda form: _time(form.ended_at),
    "grade": _grade,
    "category": _category,
    "labels": _labels,
    "indicators": _indicators,
}
