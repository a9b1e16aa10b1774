"""Indicators of an incident: many at once, one away, and where else they were seen."""

from functools import partial

import pytest

from incident.actions.incidents import indicators
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.incidents.pasted_indicators import read_pasted
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, Indicator
from incident.store.journal.journal import Entry
from incident.store.queries import search
from incident.store.queries.shared_indicators import incidents_with, indicators_with_counts, related_incidents
from tests.world import BY, World, only, rows

BOSS, RESPONDER = Viewer("coordinator"), Viewer("responder")
EVIL = Seen("domain", "evil.example")


def counts(viewer: Viewer, incident: Incident) -> dict[str, int]:
    found = {one.value: one.seen for one in indicators_with_counts(viewer, incident.id, 0, 100)}
    db.session.rollback()
    return found


def related(viewer: Viewer, incident: Incident) -> list[tuple[str, int]]:
    found = [(one.incident.number, one.shared) for one in related_incidents(viewer, incident.id, 10)]
    db.session.rollback()
    return found


def test_thousands_are_added_once_and_the_same_again_change_nothing(world: World) -> None:
    incident = world.open(indicators=[EVIL])
    pasted = read_pasted("\n".join(["evil[.]example", *(f"198.51.{one // 250}.{one % 250}" for one in range(4_998))]))
    done = indicators.add_indicators(incident.id, pasted.found, BY, world.now)
    assert (done.added, done.known) == (4_998, 1)
    again = indicators.add_indicators(incident.id, pasted.found, BY, world.now)
    assert (again.added, again.known) == (0, 4_999)
    assert len(rows(Indicator)) == 4_999
    assert only(Entry, event_type="incident.indicators_changed").incident == incident.number
    assert only(Incident).version == 2
    condition = search.search_filter("198.51.0.7", reads_journal=False)
    assert condition is not None
    assert db.session.scalars(db.select(Incident.id).where(condition)).all() == [incident.id]


def test_one_is_removed_and_a_closed_incident_keeps_all(world: World) -> None:
    incident, other = world.open(indicators=[EVIL]), world.open()
    removing = partial(indicators.remove_indicator, by=BY, now=world.now)
    with pytest.raises(RuleError, match=r"indicator\.not_on_incident"):
        removing(other.id, 1)
    removing(incident.id, 1)
    assert rows(Indicator) == []
    world.close(incident)
    with pytest.raises(RuleError, match=r"incident\.is_closed"):
        indicators.add_indicators(incident.id, [EVIL], BY, world.now)


def test_also_seen_counts_only_incidents_that_one_may_see(world: World) -> None:
    net = world.department("net")
    both = [EVIL, Seen("ipv4", "198.51.100.7")]
    incident = world.open("net", indicators=both)
    other, red, drill = (
        world.open(indicators=both),
        world.open(indicators=[EVIL], tlp="red"),
        world.open(indicators=both, speed=60),
    )
    assert drill.is_exercise
    assert counts(BOSS, incident) == {"evil.example": 2, "198.51.100.7": 1}
    assert counts(RESPONDER, incident) == {"evil.example": 1, "198.51.100.7": 1}
    assert counts(Viewer("department", frozenset({net.id})), incident) == {"evil.example": 0, "198.51.100.7": 0}
    assert related(BOSS, incident) == [(other.number, 2), (red.number, 1)]
    assert related(RESPONDER, incident) == [(other.number, 2)]
    assert related(Viewer("department", frozenset({net.id})), incident) == []
    assert [one.number for one in incidents_with(RESPONDER, "domain", "evil.example", incident.id, 9)] == [other.number]
