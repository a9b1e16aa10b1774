"""Routing by the rules in force: values for alerts and incidents, and the facts that were compared."""

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
    """Apply the rules in force; values that the incident states win.

    Returns the result and the part of it that is stored with the incident: `rule` (from 0), `is_default`, `rule_set`,
    the rule itself as `matched`, the facts that it `looked_at`, and the departments notified as `competent`.
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
    """A department that would be notified, the reason (`rule`, `competent`, `default`), and its escalation."""

    department: Department
    why: str
    preview: Preview


@dataclass(frozen=True)
class Trial:
    """The values and recipients of a simulated incident; `unknown` are named departments that do not exist."""

    verdict: routing.RoutingResult
    shown: dict[str, Any]
    routed: tuple[Routed, ...]
    unknown: tuple[str, ...]


def try_rules(given: routing.RoutingInput, at: dt.datetime) -> Trial:
    """Return the routing of an incident, without opening it.

    Args:
        given: the facts that the incident would state.
        at: when it would be opened (UTC), which decides about duty and waits.
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
    """Return the names of the labels that the matching rule compares."""
    return () if index is None else sorted(book.rules[index].when.labels)


def _competent(facts: RoutingFacts) -> Sequence[str]:
    known = {code: read_competence(document) for code, document in departments.competences().items()}
    return competent_for(facts, known)


@lru_cache(maxsize=8)
def _book(_database: str, rule_set_id: int, _put_at: dt.datetime) -> tuple[RuleBook, list[Any]]:
    """Return the rules of a set, parsed and as stored, read once for each database: a set never changes."""
    row = db.session.get_one(RuleSet, rule_set_id)
    return read_rules({"rules": row.rules, "default": row.fallback or {}}), row.rules
