"""Routing rules as a document: read with every fault and its place, and written back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar

from incident.core.incidents.category import require_category
from incident.core.incidents.grade import require_grade
from incident.core.incidents.grouping import GROUP_FIELDS, LABEL_PREFIX
from incident.core.incidents.routing import SYSTEM_FACTS, Default, Outcome, Rule, When
from incident.core.systems.system import require_criticality, require_protection_level
from incident.core.values.affiliation import require_area
from incident.core.values.document import Check, Reader, text, truth
from incident.core.values.duration import format_duration, parse_duration
from incident.core.values.faults import RuleError, member
from incident.core.values.identifier import require_code
from incident.core.values.text import LABEL_LIMIT, LABEL_NAME_LIMIT

MAX_RULES: Final = 1_000
MAX_VALUES: Final = 100
SOURCE_LIMIT: Final = 64
PLAYBOOK_LIMIT: Final = 200
WINDOW_LEAST, WINDOW_MOST = timedelta(seconds=1), timedelta(days=7)

WHEN: Final = ("source", "category", "grade", "sector", "region", "campaign", *SYSTEM_FACTS, "labels")
SET: Final = ("departments", "competent", "owners", "playbook", "category", "grade")
"""The conditions and the values that a rule may have, in the order in which they are displayed."""

ALSO: Final = ("competent", "owners")
"""Departments that are notified besides those that are named."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules in their order, and the recipients when no rule named any."""

    rules: tuple[Rule, ...] = ()
    default: Default = field(default_factory=Default)

    def to_json(self) -> dict[str, Any]:
        """Return the rules in the form of the API; single values are written without a list."""
        rules = [_rule_json(rule) for rule in self.rules]
        also = {name: True for name in ALSO if getattr(self.default, name)}
        return {"rules": rules, "default": {"departments": list(self.default.departments)} | also}


def read_rules(document: object) -> RuleBook:
    """Read the rules of a document `{rules: [{when, set, group_by?, window?}], default?: {departments, ...}}`.

    `rules` is required: a document without it would delete all rules by mistake; an empty list does so on purpose.
    Raises RuleError with every fault and its place; whether the departments and playbooks exist is not checked here.
    """
    reader = _RuleReader()
    whole = reader.members(document, "", {"rules", "default"})
    items = reader.required(whole, "rules", "", lambda value, pointer: reader.items(value, pointer, MAX_RULES))
    rules = tuple(reader.rule(item, member("/rules", index)) for index, item in enumerate(items or ()))
    default = reader.members(whole.get("default", {}), "/default", {"departments", *ALSO})
    departments = reader.departments(default, "/default")
    also = {name: bool(reader.optional(default, name, "/default", truth)) for name in ALSO}
    reader.finish()
    return RuleBook(rules, Default(departments or (), **also))


class _RuleReader(Reader):
    def rule(self, value: object, pointer: str) -> Rule:
        parts = self.members(value, pointer, {"when", "set", "group_by", "window"})
        group_by = self.values(parts, "group_by", pointer, _group_name) or ()
        window = self.optional(parts, "window", pointer, _window)
        if window is not None and "group_by" not in parts:
            self.fault("rules.window_alone", member(pointer, "window"))
        return Rule(
            self.when(parts.get("when", {}), member(pointer, "when")),
            self.outcome(parts.get("set", {}), member(pointer, "set")),
            tuple(dict.fromkeys(group_by)),
            Rule().window if window is None else window,
        )

    def when(self, value: object, pointer: str) -> When:
        parts = self.members(value, pointer, WHEN)
        sources = self.values(parts, "source", pointer, text(SOURCE_LIMIT))
        categories = self.values(parts, "category", pointer, require_category)
        grades = self.values(parts, "grade", pointer, require_grade)
        campaigns = self.values(parts, "campaign", pointer, require_area)
        systems = self.values(parts, "system", pointer, require_code)
        levels = self.values(parts, "protection_level", pointer, require_protection_level)
        criticalities = self.values(parts, "criticality", pointer, require_criticality)
        return When(
            None if sources is None else frozenset(sources),
            categories,
            None if grades is None else frozenset(grades),
            self.values(parts, "sector", pointer, require_area),
            self.values(parts, "region", pointer, require_area),
            None if campaigns is None else frozenset(campaigns),
            self.labels(parts.get("labels", {}), member(pointer, "labels")),
            None if systems is None else frozenset(systems),
            None if levels is None else frozenset(levels),
            None if criticalities is None else frozenset(criticalities),
        )

    def labels(self, value: object, pointer: str) -> dict[str, frozenset[str]]:
        parts = self.members(value, pointer)
        found = {}
        for name in parts:
            self.checked(text(LABEL_NAME_LIMIT), name, member(pointer, name))
            found[name] = frozenset(self.values(parts, name, pointer, text(LABEL_LIMIT)) or ())
        return found

    def outcome(self, value: object, pointer: str) -> Outcome:
        parts = self.members(value, pointer, SET)
        return Outcome(
            self.departments(parts, pointer),
            self.optional(parts, "playbook", pointer, text(PLAYBOOK_LIMIT)),
            self.optional(parts, "category", pointer, require_category),
            self.optional(parts, "grade", pointer, require_grade),
            bool(self.optional(parts, "competent", pointer, truth)),
            bool(self.optional(parts, "owners", pointer, truth)),
        )

    def departments(self, parts: dict[str, Any], pointer: str) -> tuple[str, ...] | None:
        if "departments" not in parts:
            return None
        place = member(pointer, "departments")
        codes = self.items(parts["departments"], place, MAX_VALUES)
        checked = [self.checked(require_code, code, member(place, index)) for index, code in enumerate(codes)]
        return tuple(dict.fromkeys(code for code in checked if code is not None))

    def values(self, parts: dict[str, Any], name: str, pointer: str, check: Check[T]) -> tuple[T, ...] | None:
        """Check for one value or a list of values; None when the document omits the member."""
        if name not in parts:
            return None
        place, value = member(pointer, name), parts[name]
        if not isinstance(value, list):
            checked = [self.checked(check, value, place)]
        else:
            items = self.items(value, place, MAX_VALUES)
            checked = [self.checked(check, item, member(place, index)) for index, item in enumerate(items)]
            if not value:
                self.fault("rules.empty_list", place)
        return tuple(value for value in checked if value is not None)


def _group_name(value: object, pointer: str) -> str:
    """Return the name of a field or label that alerts are grouped by."""
    name = text(len(LABEL_PREFIX) + LABEL_NAME_LIMIT)(value, pointer)
    if name not in GROUP_FIELDS and not (name.startswith(LABEL_PREFIX) and name != LABEL_PREFIX):
        raise RuleError("rules.group_by", {"fields": GROUP_FIELDS}, pointer=pointer)
    return name


def _window(value: object, pointer: str) -> timedelta:
    length = parse_duration(value, pointer)
    if not WINDOW_LEAST <= length <= WINDOW_MOST:
        limits = {"least": format_duration(WINDOW_LEAST), "most": format_duration(WINDOW_MOST)}
        raise RuleError("rules.window", limits, pointer=pointer)
    return length


def _rule_json(rule: Rule) -> dict[str, Any]:
    members: dict[str, Any] = {"when": _when_json(rule.when), "set": _outcome_json(rule.set)}
    if rule.group_by:
        members |= {"group_by": list(rule.group_by), "window": format_duration(rule.window)}
    return members


def _when_json(when: When) -> dict[str, Any]:
    members = {
        "source": None if when.source is None else _short(sorted(when.source)),
        "category": None if when.category is None else _short(when.category),
        "grade": None if when.grade is None else _short(sorted(when.grade)),
        "sector": None if when.sector is None else _short(when.sector),
        "region": None if when.region is None else _short(when.region),
        "campaign": None if when.campaign is None else _short(sorted(when.campaign)),
        "system": None if when.system is None else _short(sorted(when.system)),
        "protection_level": None if when.protection_level is None else _short(sorted(when.protection_level)),
        "criticality": None if when.criticality is None else _short(sorted(when.criticality)),
        "labels": {name: _short(sorted(values)) for name, values in when.labels.items()} or None,
    }
    return _said(members)


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    members = {
        "departments": None if outcome.departments is None else list(outcome.departments),
        "competent": True if outcome.competent else None,
        "owners": True if outcome.owners else None,
        "playbook": outcome.playbook,
        "category": outcome.category,
        "grade": outcome.grade,
    }
    return _said(members)


def _short(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _said(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
