"""One routing rule as a form: conversion from the document to the form and back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from incident.web.pages.department_picker import picked_departments

LISTS: Final = ("source", "category", "sector", "region", "campaign")
"""Conditions of a rule that are texts, several separated by commas."""

Typed = MultiDict[str, str]


def typed_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a rule for the form."""
    when, outcome = rule.get("when", {}), rule.get("set", {})
    typed: dict[str, Any] = {f"when_{name}": ", ".join(_many(when.get(name))) for name in LISTS}
    labels = [f"{name}={value}" for name, values in when.get("labels", {}).items() for value in _many(values)]
    return typed | {
        "when_grade": _many(when.get("grade")),
        "when_labels": "\n".join(labels),
        "departments": list(outcome.get("departments") or ()),
        "is_nobody": outcome.get("departments") == [],
        "competent": outcome.get("competent", False),
        "playbook": outcome.get("playbook") or "",
        "category": outcome.get("category") or "",
        "grade": outcome.get("grade") or "",
        "group_by": ", ".join(_many(rule.get("group_by"))),
        "window": rule.get("window") or "",
    }


def read_rule(form: Typed) -> dict[str, Any]:
    """Return the typed rule in the format of the document; the rules of core check it."""
    when: dict[str, Any] = {name: words for name in LISTS if (words := words_of(form.get(f"when_{name}", "")))}
    grades = [int(one) for one in form.getlist("when_grade") if one.isascii() and one.isdigit()]
    labels = _labels(form.get("when_labels", ""))
    outcome: dict[str, Any] = {name: form[name].strip() for name in ("playbook", "category") if form.get(name)}
    if (grade := form.get("grade", "")).isascii() and grade.isdigit():
        outcome["grade"] = int(grade)
    if form.get("competent"):
        outcome["competent"] = True
    if (codes := picked_departments(form)) or form.get("is_nobody"):
        outcome["departments"] = codes
    return {
        "when": when | ({"grade": grades} if grades else {}) | ({"labels": labels} if labels else {}),
        "set": outcome,
        **_grouping(form),
    }


def _grouping(form: Typed) -> dict[str, Any]:
    named, window = words_of(form.get("group_by", "")), form.get("window", "").strip()
    return ({"group_by": named} if named else {}) | ({"window": window} if window else {})


def read_default(form: Typed) -> dict[str, Any]:
    """Return the departments that are notified when no rule names one."""
    return {"departments": picked_departments(form)} | ({"competent": True} if form.get("competent") else {})


def with_rule(document: Mapping[str, Any], place: str, rule: dict[str, Any]) -> dict[str, Any]:
    """Return the document with a rule at a position, or appended when the position is free."""
    rules, index = list(document["rules"]), _index(document, place)
    if index is None:
        rules.append(rule)
    else:
        rules[index] = rule
    return {**document, "rules": rules}


def moved(document: Mapping[str, Any], place: str, offset: int) -> dict[str, Any]:
    """Return the document with a rule moved by `way` positions, as far as there are any."""
    rules, index = list(document["rules"]), _index(document, place)
    if index is not None and 0 <= index + offset < len(rules):
        rules.insert(index + offset, rules.pop(index))
    return {**document, "rules": rules}


def removed(document: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the document without the rule."""
    index = _index(document, place)
    return {**document, "rules": [one for number, one in enumerate(document["rules"]) if number != index]}


def _index(document: Mapping[str, Any], place: str) -> int | None:
    is_number = place.isascii() and place.isdigit() and len(place) < 5
    return int(place) if is_number and int(place) < len(document["rules"]) else None


def _many(value: Any) -> Sequence[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def words_of(typed: str) -> list[str]:
    """Return the typed values, separated by commas of either width."""
    return [word for part in typed.replace("，", ",").split(",") if (word := part.strip())]


def _labels(typed: str) -> dict[str, list[str]]:
    """Return the labels of lines `name=value`; a name on several lines matches each of its values."""
    found: dict[str, list[str]] = {}
    for line in filter(None, (line.strip() for line in typed.splitlines())):
        name, _, value = line.partition("=")
        found.setdefault(name.strip(), []).append(value.strip())
    return found
