"""Routing rules: fill in what an alert or incident does not state; the first rule that matches decides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from incident.core.incidents.category import is_in_category
from incident.core.incidents.competence import RoutingFacts
from incident.core.systems.matching import IndexedSystem
from incident.core.values.affiliation import AREAS, is_in_region, is_in_sector


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a rule; an absent condition (None) matches everything, and so does an empty one.

    `source`, `campaign` and the labels match exact texts, `grade` one of the numbers, `category` and `sector` the same
    word or one below it, `region` everything inside it: `33` matches the city `330100`, as GB/T 2260 numbers it.
    `system` (codes), `protection_level` and `criticality` are met by one and the same system of the incident.
    """

    source: frozenset[str] | None = None
    category: tuple[str, ...] | None = None
    grade: frozenset[int] | None = None
    sector: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    campaign: frozenset[str] | None = None
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    system: frozenset[str] | None = None
    protection_level: frozenset[int] | None = None
    criticality: frozenset[str] | None = None

    def compared_of_systems(self) -> list[str]:
        """Return the names of the conditions on systems that the rule has."""
        return [name for name in SYSTEM_FACTS if getattr(self, name) is not None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The values that a rule sets; None leaves a value unset.

    `departments` are codes; an empty tuple means no department, on purpose. With `competent`, the departments whose
    competence covers the incident are notified as well; with `owners`, those that own its systems.
    """

    departments: tuple[str, ...] | None = None
    playbook: str | None = None
    category: str | None = None
    grade: int | None = None
    competent: bool = False
    owners: bool = False


@dataclass(frozen=True, slots=True)
class Default:
    """Recipients when no rule named any: departments by code, with `competent` and `owners` as for a rule."""

    departments: tuple[str, ...] = ()
    competent: bool = False
    owners: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its conditions and the values that it sets.

    With `group_by`, alerts that match it with the same values are attached to one open incident, as long as each comes
    within the `window` after the one before.
    """

    when: When = When()
    set: Outcome = Outcome()
    group_by: tuple[str, ...] = ()
    window: timedelta = timedelta(hours=1)


ASKED: Final = ("source", "category", "grade", *AREAS)
"""The facts that rules compare, except labels and systems."""

SYSTEM_FACTS: Final = ("system", "protection_level", "criticality")
"""The conditions on the systems of an incident."""


@dataclass(frozen=True, slots=True)
class RoutingInput:
    """The values that the alert or the incident states itself; None is not stated."""

    source: str | None = None
    category: str | None = None
    grade: int | None = None
    sector: str | None = None
    region: str | None = None
    campaign: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    departments: tuple[str, ...] | None = None
    playbook: str | None = None
    systems: tuple[IndexedSystem, ...] = ()

    def said(self, labels: Sequence[str] = (), of_systems: Sequence[str] = ()) -> dict[str, Any]:
        """Return the stated facts that rules compare, with the named labels and facts of systems only, as JSON."""
        plain = {name: getattr(self, name) for name in ASKED}
        plain |= {name: self.facts_of_systems(name) or None for name in of_systems}
        found = {name: value for name, value in plain.items() if value is not None}
        chosen_labels = {name: self.labels[name] for name in labels if name in self.labels}
        return found | ({"labels": chosen_labels} if chosen_labels else {})

    def facts_of_systems(self, name: str) -> list[Any]:
        """Return the values of one fact of the systems, each once."""
        values = (getattr(one, "code" if name == "system" else name) for one in self.systems)
        return list(dict.fromkeys(value for value in values if value is not None))


@dataclass(frozen=True, slots=True)
class RoutingResult:
    """The values that the incident receives.

    `rule_index` (from 0) and `rule` are the rule that matched, None when none did; `is_default` is true when the
    departments are the default ones; `competent` are those of the departments that are notified because they are
    responsible, `owners` those that own a system. Without departments nobody is notified, and the incident is first in
    the list, in red.
    """

    departments: tuple[str, ...]
    playbook: str | None
    category: str | None
    grade: int | None
    rule_index: int | None = None
    is_default: bool = False
    competent: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    rule: Rule | None = field(default=None, compare=False, repr=False)


Competent = Callable[[RoutingFacts], Sequence[str]]
"""Returns the departments (codes) responsible for an incident; called only when a rule needs them."""


def no_department(_matter: RoutingFacts) -> Sequence[str]:
    """Return no department at all."""
    return ()


def match(
    rules: Sequence[Rule], default: Default, given: RoutingInput, competent: Competent = no_department
) -> RoutingResult:
    """Return the stated values, else those of the first matching rule, else the default.

    The default departments are notified also when the matching rule names none and no department is responsible or
    owns a system, because an incident that nobody is notified of is worse than a notice to the wrong people; a rule
    that names an empty list means no department. Competence is evaluated with the category and grade that the rule
    sets.
    """
    index = next((index for index, rule in enumerate(rules) if is_match(rule.when, given)), None)
    outcome = Outcome() if index is None else rules[index].set
    category, grade = given.category or outcome.category, given.grade or outcome.grade
    matter = RoutingFacts(category, grade, given.region, given.sector)
    named, found, owners, is_default = _named_departments(outcome, default, given, lambda: tuple(competent(matter)))
    return RoutingResult(
        departments=tuple(dict.fromkeys((*named, *found, *owners))),
        playbook=given.playbook or outcome.playbook,
        category=category,
        grade=grade,
        rule_index=index,
        is_default=is_default,
        competent=found,
        owners=owners,
        rule=None if index is None else rules[index],
    )


def _named_departments(
    outcome: Outcome, default: Default, given: RoutingInput, competent: Callable[[], tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]:
    """Return the named departments, the responsible ones, the owners, and whether these are the default."""
    if given.departments:
        return given.departments, (), (), False
    found = competent() if outcome.competent else ()
    owners = _owners(given) if outcome.owners else ()
    if outcome.departments is not None or found or owners:
        return outcome.departments or (), found, owners, False
    if default.competent and not outcome.competent:
        found = competent()
    owners = _owners(given) if default.owners else ()
    return default.departments, found, owners, bool(default.departments or found or owners)


def _owners(given: RoutingInput) -> tuple[str, ...]:
    """Return the departments that own the systems, each once."""
    return tuple(dict.fromkeys(one.owner for one in given.systems if one.owner is not None))


def is_match(when: When, given: RoutingInput) -> bool:
    """Whether all conditions of the rule are met."""
    return (
        (when.source is None or given.source in when.source)
        and (when.grade is None or given.grade in when.grade)
        and (when.campaign is None or given.campaign in when.campaign)
        and (when.category is None or any(is_in_category(given.category, one) for one in when.category))
        and (when.sector is None or any(is_in_sector(given.sector, one) for one in when.sector))
        and (when.region is None or any(is_in_region(given.region, one) for one in when.region))
        and all(given.labels.get(name) in values for name, values in when.labels.items())
        and (not when.compared_of_systems() or any(_is_system(when, one) for one in given.systems))
    )


def _is_system(when: When, system: IndexedSystem) -> bool:
    return (
        (when.system is None or system.code in when.system)
        and (when.protection_level is None or system.protection_level in when.protection_level)
        and (when.criticality is None or system.criticality in when.criticality)
    )
