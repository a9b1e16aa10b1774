"""One routing rule as a form: conversion from the document to the form and back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from incident.core.incidents.routing_document import ALSO
from incident.web.pages.department_picker import picked_departments
from incident.web.pages.forms import is_whole_number, words_of
from incident.web.pages.incidents.category_picker import picked_categories, typed_category

LISTS: Final = ("source", "sector", "region", "campaign", "system")
"""Conditions of a rule that are texts, several separated by commas."""

Typed = MultiDict[str, str]


def typed_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a rule for the form."""
    when, outcome = rule.get("when", {}), rule.get("set", {})
    typed: dict[str, Any] = {f"when_{name}": ", ".join(_many(when.get(name))) for name in LISTS}
    labels = [f"{name}={value}" for name, values in when.get("labels", {}).items() for value in _many(values)]
    return typed | {
        "when_category": _many(when.get("category")),
        "when_grade": _many(when.get("grade")),
        "when_protection_level": _many(when.get("protection_level")),
        "when_criticality": _many(when.get("criticality")),
        "when_labels": "\n".join(labels),
        "departments": list(outcome.get("departments") or ()),
        "is_nobody": outcome.get("departments") == [],
        "competent": outcome.get("competent", False),
        "owners": outcome.get("owners", False),
        "playbook": outcome.get("playbook") or "",
        "category": outcome.get("category") or "",
        "grade": outcome.get("grade") or "",
        "group_by": ", ".join(_many(rule.get("group_by"))),
        "window": rule.get("window") or "",
    }


def typed_again(form: Typed) -> dict[str, Any]:
    """Return the values of a rule that was refused, as they were typed."""
    lists = {name: form.getlist(name) for name in ("when_grade", "when_protection_level", "when_criticality")}
    return {
        **form,
        **lists,
        "when_category": picked_categories(form, "when_category"),
        "category": typed_category(form.get("category")),
        "departments": picked_departments(form),
    }


def read_rule(form: Typed) -> dict[str, Any]:
    """Return the typed rule in the format of the document; the rules of core check it."""
    when: dict[str, Any] = {name: words for name in LISTS if (words := words_of(form.get(f"when_{name}", "")))}
    if categories := picked_categories(form, "when_category"):
        when["category"] = categories
    for name in ("grade", "protection_level"):
        if numbers := [int(one) for one in form.getlist(f"when_{name}") if is_whole_number(one)]:
            when[name] = numbers
    if criticalities := form.getlist("when_criticality"):
        when["criticality"] = criticalities
    labels = _labels(form.get("when_labels", ""))
    outcome: dict[str, Any] = {"playbook": form["playbook"].strip()} if form.get("playbook") else {}
    if category := typed_category(form.get("category")):
        outcome["category"] = category
    if is_whole_number(grade := form.get("grade", "")):
        outcome["grade"] = int(grade)
    outcome |= _also(form)
    if (codes := picked_departments(form)) or form.get("is_nobody"):
        outcome["departments"] = codes
    return {
        "when": when | ({"labels": labels} if labels else {}),
        "set": outcome,
        **_grouping(form),
    }


def _grouping(form: Typed) -> dict[str, Any]:
    named, window = words_of(form.get("group_by", "")), form.get("window", "").strip()
    return ({"group_by": named} if named else {}) | ({"window": window} if window else {})


def read_default(form: Typed) -> dict[str, Any]:
    """Return the departments that are notified when no rule names one."""
    return {"departments": picked_departments(form)} | _also(form)


def _also(form: Typed) -> dict[str, bool]:
    return {name: True for name in ALSO if form.get(name)}


def with_rule(document: Mapping[str, Any], place: str, rule: dict[str, Any]) -> dict[str, Any]:
    """Return the document with a rule at a position, or appended when the position is free."""
    rules, index = list(document["rules"]), _index(document, place)
    if index is None:
        rules.append(rule)
    else:
        rules[index] = rule
    return {**document, "rules": rules}


def place_after(place: str, way: str, to: str) -> int:
    """Return the new position of a rule: the typed one, else the next one up or down."""
    if is_whole_number(to):
        return int(to)
    index = int(place) if is_whole_number(place) else 0
    return max(0, index + (-1 if way == "up" else 1))


def moved(document: Mapping[str, Any], place: str, to: int) -> dict[str, Any]:
    """Return the document with a rule moved to a position, or unchanged when either does not exist."""
    rules, index = list(document["rules"]), _index(document, place)
    if index is not None and to < len(rules):
        rules.insert(to, rules.pop(index))
    return {**document, "rules": rules}


def removed(document: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the document without the rule."""
    index = _index(document, place)
    return {**document, "rules": [one for number, one in enumerate(document["rules"]) if number != index]}


def _index(document: Mapping[str, Any], place: str) -> int | None:
    return int(place) if is_whole_number(place) and int(place) < len(document["rules"]) else None


def _many(value: Any) -> Sequence[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _labels(typed: str) -> dict[str, list[str]]:
    """Return the labels of lines `name=value`; a name on several lines matches each of its values."""
    found: dict[str, list[str]] = {}
    for line in filter(None, (line.strip() for line in typed.splitlines())):
        name, _, value = line.partition("=")
        found.setdefault(name.strip(), []).append(value.strip())
    return found
