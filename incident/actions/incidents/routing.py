"""Routing by the rules in force: what an alert gets, or an incident that does not say, and what was looked at."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from incident.actions.notifications.previewing import Preview, preview
from incident.core.incidents import routing
from incident.core.incidents.competence import RoutingFacts, competent_for, read_competence
from incident.core.incidents.routing_document import RuleBook, read_rules
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import rules as rule_sets
from incident.store.incidents.rules import RuleSet


def route(given: routing.RoutingInput) -> tuple[routing.RoutingResult, dict[str, Any]]:
    """Ask the rules in force; what the incident says itself wins.

    Returns the verdict and what is kept of it with the incident: `rule` (from 0), `is_default`, `rule_set`, the rule
    itself as `matched`, what it `looked_at`, and who is told as `competent`.
    """
    which = rule_sets.which_in_force()
    if which is None:
        return routing.match((), routing.Default(), given), {"rule": None, "is_default": False}
    book, as_put = _book(str(db.engine.url), *which)
    verdict = routing.match(book.rules, book.default, given, _competent)
    shown: dict[str, Any] = {"rule": verdict.rule_index, "is_default": verdict.is_default, "rule_set": which[0]}
    if verdict.rule_index is not None:
        shown["matched"] = as_put[verdict.rule_index]
    shown["looked_at"] = given.said(_labels_asked(book, verdict.rule_index))
    if verdict.competent:
        shown["competent"] = list(verdict.competent)
    return verdict, shown


@dataclass(frozen=True)
class Routed:
    """A department that would be told, why (`rule`, `competent`, `default`), and what follows if nobody answers."""

    department: Department
    why: str
    preview: Preview


@dataclass(frozen=True)
class Trial:
    """What an incident would get, and who would be told of it; `unknown` are departments named that are not here."""

    verdict: routing.RoutingResult
    shown: dict[str, Any]
    routed: tuple[Routed, ...]
    unknown: tuple[str, ...]


def try_rules(given: routing.RoutingInput, at: dt.datetime) -> Trial:
    """Say what would become of an incident, without opening it.

    Args:
        given: what the incident would say.
        at: when it would be opened (UTC), by which duty and waits are looked up.
    """
    verdict, shown = route(given)
    known = departments.departments_by_codes(verdict.departments)
    routed = tuple(
        Routed(known[code], _why(code, verdict), preview(known[code], verdict.grade, at))
        for code in verdict.departments
        if code in known
    )
    return Trial(verdict, shown, routed, tuple(code for code in verdict.departments if code not in known))


def _why(code: str, verdict: routing.RoutingResult) -> str:
    if code in verdict.competent:
        return "competent"
    return "default" if verdict.is_default else "rule"


def _labels_asked(book: RuleBook, index: int | None) -> Sequence[str]:
    """The names of the labels that the rule which matched asks for."""
    return () if index is None else sorted(book.rules[index].when.labels)


def _competent(matter: RoutingFacts) -> Sequence[str]:
    known = {code: read_competence(document) for code, document in departments.competences().items()}
    return competent_for(matter, known)


@lru_cache(maxsize=8)
def _book(_database: str, rule_set_id: int, _put_at: dt.datetime) -> tuple[RuleBook, list[Any]]:
    """The rules of a set, and as they were put, read once for each database: a set never changes, a newer one does."""
    row = db.session.get_one(RuleSet, rule_set_id)
    return read_rules({"rules": row.rules, "default": row.fallback or {}}), row.rules
