"""Routing by the rules in force: values for alerts and incidents, and the facts that were compared."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from incident.actions.notifications.previewing import Preview, preview
from incident.actions.unit_of_work import UnitOfWork
from incident.core.incidents import routing
from incident.core.incidents.competence import RoutingFacts, competent_for, read_competence
from incident.core.incidents.routing_document import ALSO, RuleBook, read_rules
from incident.core.incidents.shadowing import shadowed_rules, unknown_categories
from incident.core.systems.matching import IndexedSystem
from incident.core.values.faults import RuleError, member, raise_all
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents.rules import RuleSet
from incident.store.queries.routing_state import RoutingState, routing_state
from incident.store.queries.systems import indexed_by_codes


def state_in_force(uow: UnitOfWork) -> RoutingState:
    """Return which rules and systems are in force, read once in a transaction."""
    found: RoutingState | None = uow.cache.get(RoutingState)
    if found is None:
        found = uow.cache[RoutingState] = routing_state()
    return found


def route(
    given: routing.RoutingInput, state: RoutingState | None = None
) -> tuple[routing.RoutingResult, dict[str, Any]]:
    """Apply the rules in force; values that the incident states win.

    Args:
        given: the facts of the incident.
        state: which rules are in force, where the caller has read it.

    Returns:
        The result and the part of it that is stored with the incident: `rule` (from 0), `is_default`, `rule_set`, the
        rule itself as `matched`, the facts that it `looked_at`, the departments notified as `competent` and `owners`.
    """
    rule_set_id, put_at, *_ = state or routing_state()
    if rule_set_id is None or put_at is None:
        return routing.match((), routing.Default(), given), {"rule": None, "is_default": False}
    book, as_put = _book(str(db.engine.url), rule_set_id, put_at)
    verdict = routing.match(book.rules, book.default, given, _competent)
    shown: dict[str, Any] = {"rule": verdict.rule_index, "is_default": verdict.is_default, "rule_set": rule_set_id}
    if verdict.rule_index is not None:
        shown["matched"] = as_put[verdict.rule_index]
    of_systems = () if verdict.rule is None else verdict.rule.when.compared_of_systems()
    shown["looked_at"] = given.said(_labels_asked(book, verdict.rule_index), of_systems)
    shown |= {name: list(codes) for name in ALSO if (codes := getattr(verdict, name))}
    return verdict, shown


@dataclass(frozen=True)
class Routed:
    """A department that would be notified, the reason (`rule`, `competent`, `owner`, `default`), and its escalation."""

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


def named_systems(codes: Sequence[str], pointer: str = "/systems") -> tuple[IndexedSystem, ...]:
    """Return systems by their codes, for a trial; raises RuleError `system.unknown` for each that does not exist."""
    known = indexed_by_codes(codes)
    raise_all(
        RuleError("system.unknown", {"code": code}, pointer=member(pointer, index))
        for index, code in enumerate(codes)
        if code not in known
    )
    return tuple(known[code] for code in codes)


def _why(code: str, verdict: routing.RoutingResult) -> str:
    if code in verdict.competent:
        return "competent"
    if code in verdict.owners:
        return "owner"
    return "default" if verdict.is_default else "rule"


def _labels_asked(book: RuleBook, index: int | None) -> Sequence[str]:
    """Return the names of the labels that the matching rule compares."""
    return () if index is None else sorted(book.rules[index].when.labels)


def _competent(facts: RoutingFacts) -> Sequence[str]:
    known = {code: read_competence(document) for code, document in departments.competences().items()}
    return competent_for(facts, known)


@dataclass(frozen=True)
class RuleWarnings:
    """What keeps a rule from deciding: earlier rules (from 0) that match all it matches, and unknown categories."""

    shadowed_by: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()


def warnings_in_force(known: frozenset[str]) -> dict[int, RuleWarnings]:
    """Return the warnings about the rules in force, by position (from 0); `known` are the categories that exist."""
    rule_set_id, put_at, *_ = routing_state()
    return {} if rule_set_id is None or put_at is None else _warnings(str(db.engine.url), rule_set_id, put_at, known)


@lru_cache(maxsize=8)
def _warnings(database: str, rule_set_id: int, put_at: dt.datetime, known: frozenset[str]) -> dict[int, RuleWarnings]:
    conditions = [rule.when for rule in _book(database, rule_set_id, put_at)[0].rules]
    shadowed = shadowed_rules(conditions)
    unknown = {index: unknown_categories(when, known) for index, when in enumerate(conditions)}
    warned = {index for index, words in unknown.items() if words} | set(shadowed)
    return {index: RuleWarnings(shadowed.get(index, ()), unknown[index]) for index in sorted(warned)}


@lru_cache(maxsize=8)
def _book(_database: str, rule_set_id: int, _put_at: dt.datetime) -> tuple[RuleBook, list[Any]]:
    """Return the rules of a set, parsed and as stored, read once for each database: a set never changes."""
    row = db.session.get_one(RuleSet, rule_set_id)
    return read_rules({"rules": row.rules, "default": row.fallback or {}}), row.rules
