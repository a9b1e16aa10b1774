"""Routing rules: what an alert, or an incident that does not say, gets; the first rule that matches decides."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_CLASS: Final = re.compile(r"[A-Z]{2,3}", re.ASCII)
_CODE: Final = re.compile(r"[A-Z]{2,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """What a rule asks for; what it leaves out (None) matches everything, and so does an empty one.

    `source` and the labels match exact texts, `grade` one of the numbers, `category` the same word or what is under it:
    the class `MP` matches `MPRANS`, as the codes of GB/T 20986-2023 begin with that of their class, and
    `malicious-code` matches `malicious-code/c2-server`, as RSIT writes it.
    """

    source: frozenset[str] | None = None
    category: tuple[str, ...] | None = None
    grade: frozenset[int] | None = None
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule sets; None leaves it unset. `departments` are codes; an empty tuple means nobody, on purpose."""

    departments: tuple[str, ...] | None = None
    playbook: str | None = None
    category: str | None = None
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it matches, what it sets."""

    when: When = When()
    set: Outcome = Outcome()


@dataclass(frozen=True, slots=True)
class Given:
    """What the alert or the incident says itself; None is what it does not say."""

    source: str | None = None
    category: str | None = None
    grade: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    departments: tuple[str, ...] | None = None
    playbook: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the incident gets.

    `rule_index` (from 0) is the rule that matched, None when none did; `is_default` is true when the departments are
    the default ones. Without departments nobody is told, and the incident stands first in the list, in red.
    """

    departments: tuple[str, ...]
    playbook: str | None
    category: str | None
    grade: int | None
    rule_index: int | None = None
    is_default: bool = False


def match(rules: Sequence[Rule], default: tuple[str, ...], given: Given) -> Verdict:
    """What the incident gets: what it says itself, else what the first matching rule sets, else the default.

    The default departments are told also when the rule that matched names none, as an incident that nobody is told of
    is worse than one told to the wrong people; a rule that names an empty list means nobody.
    """
    index = next((index for index, rule in enumerate(rules) if is_match(rule.when, given)), None)
    outcome = Outcome() if index is None else rules[index].set
    departments = given.departments or outcome.departments
    return Verdict(
        departments=default if departments is None else departments,
        playbook=given.playbook or outcome.playbook,
        category=given.category or outcome.category,
        grade=given.grade or outcome.grade,
        rule_index=index,
        is_default=departments is None and bool(default),
    )


def is_match(when: When, given: Given) -> bool:
    """Whether everything that the rule asks for is so."""
    return (
        (when.source is None or given.source in when.source)
        and (when.grade is None or given.grade in when.grade)
        and (when.category is None or _is_under(given.category, when.category))
        and all(given.labels.get(name) in values for name, values in when.labels.items())
    )


def _is_under(category: str | None, wanted: tuple[str, ...]) -> bool:
    return category is not None and any(_is_part(category, word) for word in wanted)


def _is_part(category: str, word: str) -> bool:
    if _CLASS.fullmatch(word) and _CODE.fullmatch(category):
        return category.startswith(word)
    return category == word or category.startswith((f"{word}/", f"{word}."))
