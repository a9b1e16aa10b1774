"""The systems that an alert or an incident is about, by an index that each process keeps until systems change."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from incident.core.systems.matching import SystemIndex, SystemMatch, build_index, hosts_in
from incident.store.db.database import db
from incident.store.queries.systems import indexed_by_codes, indexed_systems
from incident.store.systems import systems
from incident.store.systems.systems import IncidentSystem


def match_systems(version: str | None, indicators: Iterable[Any], labels: Mapping[str, str]) -> list[SystemMatch]:
    """Return the systems that indicators and labels belong to.

    Args:
        version: that of the systems, None when there never was one.
        indicators: with `kind` and `value`.
        labels: those of the alert.
    """
    if version is None:
        return []
    index = _index(str(db.engine.url), version)
    return index.match(hosts_in(indicators, labels)) if index.systems else []


def with_named(codes: Sequence[str], matches: Sequence[SystemMatch]) -> list[SystemMatch]:
    """Return the systems that a person named by their codes, as far as they exist, before others that were matched."""
    known = indexed_by_codes(codes)
    named = {known[code].id: SystemMatch(known[code], "person") for code in codes if code in known}
    return [*named.values(), *(one for one in matches if one.system.id not in named)]


@lru_cache(maxsize=2)
def _index(_database: str, _version: str) -> SystemIndex:
    return build_index(indexed_systems())


def add_matches(incident_id: int, matches: Sequence[SystemMatch]) -> list[str]:
    """Give an existing incident further systems; return the codes of those that it did not have.

    One that a person removed stays removed.
    """
    known = systems.links_of(incident_id) if matches else {}
    new = [one for one in matches if one.system.id not in known]
    db.session.add_all(IncidentSystem(incident_id=incident_id, **match_columns(one)) for one in new)
    return [one.system.code for one in new]


def match_columns(match: SystemMatch) -> dict[str, Any]:
    """Return the columns of the link from an incident to a system."""
    return {"system_id": match.system.id, "matched_by": match.matched_by, "seen": match.seen, "removed_at": None}
