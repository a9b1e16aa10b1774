"""The rule sets by which incidents are graded: those of the program, and own ones at the versions that apply."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from incident.core.deadlines.rule_set_document import agrees_with
from incident.core.deadlines.rule_sets import RuleSet
from incident.data.grading_rules import read_rule_set_data, shipped_rule_sets
from incident.store.deadlines import rule_sets
from incident.store.deadlines.profiles import latest_profile
from incident.store.incidents.incidents import Incident


@lru_cache(maxsize=128)
def own_rules_at(content_hash: str) -> RuleSet:
    """Return an own rule set at a version, read once: what has a hash never changes; raises LookupError."""
    content = rule_sets.rule_set_content(content_hash)
    if content is None:
        raise LookupError(content_hash)
    return read_rule_set_data(content.encode())


def own_rules(at: dt.datetime | None = None) -> list[RuleSet]:
    """Return the own rule sets in force at a moment (UTC; None for now), without those that cannot be used."""
    return [one for one in map(own_rules_at, rule_sets.hashes_in_force(at)) if is_usable(one)]


def is_usable(rule_set: RuleSet) -> bool:
    """Return whether an own rule set can be used beside those of the program.

    A newer version of the program may bring a rule set of the same id, or a question of the same key that means
    something else.
    """
    shipped = shipped_rule_sets()
    return rule_set.id not in shipped and agrees_with(rule_set, list(shipped.values()))


def rule_sets_of(incident: Incident) -> Sequence[RuleSet]:
    """Return the rule sets by which an incident is graded.

    Open incidents are graded by the present versions, a closed one by those of the time when it was closed. An incident
    without a sector counts as one of every sector of the organisation.
    """
    every = [*shipped_rule_sets().values(), *own_rules(incident.closed_at)]
    if incident.sector is not None:
        return [one for one in every if one.applies_to((incident.sector,))]
    profile = latest_profile()
    sectors = () if profile is None else tuple(profile.sectors)
    return [one for one in every if one.applies_to(sectors)]


def rule_set_called(key: str) -> RuleSet | None:
    """Return the built-in rule set with an id, or the newest version of an own one, also a retired one."""
    if key in shipped_rule_sets():
        return shipped_rule_sets()[key]
    row = rule_sets.own_rule_set(key)
    found = None if row is None else rule_sets.rule_set_version(row.id, row.version)
    return None if found is None else own_rules_at(found.content_hash)
