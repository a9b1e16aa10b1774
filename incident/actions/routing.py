"""Routing by the rules in force: what an alert gets, or an incident that does not say, and what was looked at."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from incident.core import rules
from incident.core.competence import Matter, competent_for, read_competence
from incident.core.rulebook import RuleBook, read_rules
from incident.store import departments
from incident.store import rules as rule_sets
from incident.store.database import db
from incident.store.rules import RuleSet


def route(given: rules.Given) -> tuple[rules.Verdict, dict[str, Any]]:
    """Ask the rules in force; what the incident says itself wins.

    Returns the verdict and what is kept of it with the incident: `rule` (from 0), `is_default`, `rule_set`, the rule
    itself as `matched`, what it `looked_at`, and who is told as `competent`.
    """
    which = rule_sets.which_in_force()
    if which is None:
        return rules.match((), rules.Default(), given), {"rule": None, "is_default": False}
    book, as_put = _book(str(db.engine.url), *which)
    verdict = rules.match(book.rules, book.default, given, _competent)
    shown: dict[str, Any] = {"rule": verdict.rule_index, "is_default": verdict.is_default, "rule_set": which[0]}
    if verdict.rule_index is not None:
        shown["matched"] = as_put[verdict.rule_index]
    shown["looked_at"] = given.said(_labels_asked(book, verdict.rule_index))
    if verdict.competent:
        shown["competent"] = list(verdict.competent)
    return verdict, shown


def _labels_asked(book: RuleBook, index: int | None) -> Sequence[str]:
    """The names of the labels that the rule which matched asks for."""
    return () if index is None else sorted(book.rules[index].when.labels)


def _competent(matter: Matter) -> Sequence[str]:
    known = {code: read_competence(document) for code, document in departments.competences().items()}
    return competent_for(matter, known)


@lru_cache(maxsize=8)
def _book(_database: str, rule_set_id: int, _put_at: dt.datetime) -> tuple[RuleBook, list[Any]]:
    """The rules of a set, and as they were put, read once for each database: a set never changes, a newer one does."""
    row = db.session.get_one(RuleSet, rule_set_id)
    return read_rules({"rules": row.rules, "default": row.fallback or {}}), row.rules
