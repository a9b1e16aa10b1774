"""Routing rules: what an alert, or an incident that does not say, gets; the first rule that matches decides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from incident.core.incidents.affiliation import AREAS, is_in_region, is_in_sector
from incident.core.incidents.category import is_in_category
from incident.core.incidents.competence import RoutingFacts


@dataclass(frozen=True, slots=True)
class When:
    """What a rule asks for; what it leaves out (None) matches everything, and so does an empty one.

    `source`, `campaign` and the labels match exact texts, `grade` one of the numbers, `category` and `sector` the same
    word or what is under it, `region` what lies in it: `33` matches the city `330100`, as GB/T 2260 numbers it.
    """

    source: frozenset[str] | None = None
    category: tuple[str, ...] | None = None
    grade: frozenset[int] | None = None
    sector: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    campaign: frozenset[str] | None = None
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule sets; None leaves it unset. `departments` are codes; an empty tuple means nobody, on purpose.

    With `competent` the departments whose competence covers the incident are told as well.
    """

    departments: tuple[str, ...] | None = None
    playbook: str | None = None
    category: str | None = None
    grade: int | None = None
    competent: bool = False


@dataclass(frozen=True, slots=True)
class Default:
    """Who is told when no rule named any: departments by code, and with `competent` those that answer for it."""

    departments: tuple[str, ...] = ()
    competent: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it matches, what it sets."""

    when: When = When()
    set: Outcome = Outcome()


ASKED: Final = ("source", "category", "grade", *AREAS)
"""What rules look at, labels aside."""


@dataclass(frozen=True, slots=True)
class RoutingInput:
    """What the alert or the incident says itself; None is what it does not say."""

    source: str | None = None
    category: str | None = None
    grade: int | None = None
    sector: str | None = None
    region: str | None = None
    campaign: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    departments: tuple[str, ...] | None = None
    playbook: str | None = None

    def said(self, labels: Sequence[str] = ()) -> dict[str, Any]:
        """What rules look at and the incident says, of its labels only the named ones, as values of JSON."""
        plain = {name: getattr(self, name) for name in ASKED}
        found = {name: value for name, value in plain.items() if value is not None}
        asked = {name: self.labels[name] for name in labels if name in self.labels}
        return found | ({"labels": asked} if asked else {})


@dataclass(frozen=True, slots=True)
class RoutingResult:
    """What the incident gets.

    `rule_index` (from 0) is the rule that matched, None when none did; `is_default` is true when the departments are
    the default ones; `competent` are those among the departments that are told because they answer for it. Without
    departments nobody is told, and the incident stands first in the list, in red.
    """

    departments: tuple[str, ...]
    playbook: str | None
    category: str | None
    grade: int | None
    rule_index: int | None = None
    is_default: bool = False
    competent: tuple[str, ...] = ()


Competent = Callable[[RoutingFacts], Sequence[str]]
"""Tells which departments (codes) answer for a matter; it is asked only when a rule wants to know."""


def no_department(_matter: RoutingFacts) -> Sequence[str]:
    """No department answers for anything."""
    return ()


def match(
    rules: Sequence[Rule], default: Default, given: RoutingInput, competent: Competent = no_department
) -> RoutingResult:
    """What the incident gets: what it says itself, else what the first matching rule sets, else the default.

    The default departments are told also when the rule that matched names none and nobody answers for it, as an
    incident that nobody is told of is worse than one told to the wrong people; a rule that names an empty list means
    nobody. Competence is judged by the category and grade that the rule sets.
    """
    index = next((index for index, rule in enumerate(rules) if is_match(rule.when, given)), None)
    outcome = Outcome() if index is None else rules[index].set
    category, grade = given.category or outcome.category, given.grade or outcome.grade
    matter = RoutingFacts(category, grade, given.region, given.sector)
    told, found, is_default = _told(outcome, default, given, lambda: tuple(competent(matter)))
    return RoutingResult(
        departments=tuple(dict.fromkeys((*told, *found))),
        playbook=given.playbook or outcome.playbook,
        category=category,
        grade=grade,
        rule_index=index,
        is_default=is_default,
        competent=found,
    )


def _told(
    outcome: Outcome, default: Default, given: RoutingInput, competent: Callable[[], tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The departments that were named, those that answer for it, and whether these are the default."""
    if given.departments:
        return given.departments, (), False
    found = competent() if outcome.competent else ()
    if outcome.departments is not None or found:
        return outcome.departments or (), found, False
    if default.competent and not outcome.competent:
        found = competent()
    return default.departments, found, bool(default.departments or found)


def is_match(when: When, given: RoutingInput) -> bool:
    """Whether everything that the rule asks for is so."""
    return (
        (when.source is None or given.source in when.source)
        and (when.grade is None or given.grade in when.grade)
        and (when.campaign is None or given.campaign in when.campaign)
        and (when.category is None or any(is_in_category(given.category, one) for one in when.category))
        and (when.sector is None or any(is_in_sector(given.sector, one) for one in when.sector))
        and (when.region is None or any(is_in_region(given.region, one) for one in when.region))
        and all(given.labels.get(name) in values for name, values in when.labels.items())
    )
