"""Reads the document of a mapping into the form, where the form can express it."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple
from typing import Any

from incident.core.incidents.mapping.document import check_mapping
from incident.core.incidents.mapping.form import GRADES, MappingForm, TimeFields, Words, write_mapping
from incident.core.incidents.mapping.pointer import Pointer, parse_template
from incident.core.values.faults import RuleError


def read_mapping_form(document: Mapping[str, Any]) -> MappingForm | None:
    """Return the form of a mapping; None when the form would lose a part of it.

    Raises RuleError when the document is no mapping.
    """
    mapping = check_mapping(document)
    form = _form(_listed(document["variants"])[0])
    try:
        is_whole = check_mapping(write_mapping(form)) == mapping
    except RuleError:
        return None
    return form if is_whole and all(map(_is_typed, _texts(form))) else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for part in value if isinstance(value, tuple) else astuple(value):
            yield from _texts(part)


def _is_typed(text: str) -> bool:
    """Whether a field gives back a text as it is: on one line, without blanks around it."""
    return text == text.strip() and len(text.splitlines()) <= 1


def _form(variant: Mapping[str, Any]) -> MappingForm:
    """Return what the form takes of a variant; the comparison above shows whether that is all."""
    status, grade, category = (_first_rule(variant, name) for name in ("status", "grade", "category"))
    words, steps = grade.get("words") or {}, _listed(grade.get("steps"))
    return MappingForm(
        name=variant["name"],
        alerts=variant.get("alerts") or "",
        title=tuple(map(_words, _listed(variant.get("title")))),
        description=tuple(map(_words, _listed(variant.get("description")))),
        status=status.get("pointer", ""),
        resolved=_joined(status.get("resolved")),
        firing=_joined(status.get("firing")),
        fingerprint=_places(_listed(variant.get("fingerprint"))),
        occurred_at=_time(variant.get("occurred_at")),
        ended_at=_time(variant.get("ended_at")),
        grade=grade.get("pointer", ""),
        grade_words=tuple(_joined([word for word, to in words.items() if to == one]) for one in GRADES),
        grade_from=tuple(
            next((_number_text(step["least"]) for step in steps if step["grade"] == one), "") for one in GRADES
        ),
        category=category.get("pointer", ""),
        category_words=tuple((category.get("words") or {}).items()),
        labels=tuple((name, _listed(place)[0]) for name, place in (variant.get("labels") or {}).items()),
        indicators=tuple(
            (one, "") if isinstance(one, str) else (one["pointer"], one.get("kind") or "")
            for one in _listed(variant.get("indicators"))
        ),
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _first_rule(variant: Mapping[str, Any], name: str) -> dict[str, Any]:
    return next(iter(_listed(variant.get(name))), {})


def _joined(words: Any) -> str:
    return ", ".join(str(word) for word in _listed(words) if word is not None)


def _words(template: Any) -> Words:
    """Return the fields of a template: the place alone, where it is nothing else."""
    text = _listed(template)[0]
    parts = parse_template(text).parts
    if len(parts) == 1 and isinstance(parts[0], Pointer) and parts[0].text:
        return parts[0].text, ""
    return "", text


def _places(rules: list[Any]) -> tuple[str, ...]:
    rule = rules[0] if rules else []
    needed = _listed(rule["all"]) if isinstance(rule, dict) and "all" in rule else _listed(rule)
    return tuple(one if isinstance(one, str) else one["pointer"] for one in needed)


def _time(value: Any) -> TimeFields:
    rule = next(iter(_listed(value)), "")
    if isinstance(rule, str):
        return TimeFields(_words(rule)) if rule else TimeFields()
    return TimeFields(_words(rule["value"]), rule.get("format") or "any", rule.get("offset") or "")


def _number_text(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(number)
