"""Techniques of ATT&CK on an incident, and their counts."""

import datetime as dt

import pytest

from incident.actions.incidents import techniques
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.data.attack import techniques as every_technique
from incident.store.incidents.incidents import Incident
from incident.store.incidents.techniques import techniques_of
from incident.store.journal.journal import Entry
from incident.store.queries.technique_counts import count_by_technique
from tests.world import BY, World, only, rows


def test_a_technique_is_added_once_and_removed_and_both_are_in_the_journal(world: World) -> None:
    incident = world.open()
    techniques.add_technique(incident.id, "T1566.001", BY, world.now)
    techniques.add_technique(incident.id, "T1566.001", BY, world.now)
    assert techniques_of(incident.id) == ["T1566.001"]
    assert only(Entry, event_type="incident.techniques_changed").detail == '{"added":["T1566.001"]}'
    assert only(Incident).version == 2
    techniques.remove_technique(incident.id, "T1566.001", BY, world.now)
    assert techniques_of(incident.id) == []
    assert rows(Entry, event_type="incident.techniques_changed")[-1].detail == '{"removed":["T1566.001"]}'


def test_what_is_no_technique_too_many_of_them_and_a_closed_incident_are_refused(world: World) -> None:
    incident = world.open()
    with pytest.raises(RuleError, match=r"technique\.unknown"):
        techniques.add_technique(incident.id, "T0000", BY, world.now)
    with pytest.raises(RuleError, match=r"technique\.not_on_incident"):
        techniques.remove_technique(incident.id, "T1566", BY, world.now)
    some = list(every_technique())[: techniques.MAX_TECHNIQUES + 1]
    for one in some[:-1]:
        techniques.add_technique(incident.id, one, BY, world.now)
    with pytest.raises(RuleError, match=r"technique\.too_many"):
        techniques.add_technique(incident.id, some[-1], BY, world.now)
    world.close(incident, reason="over")
    for change in (techniques.add_technique, techniques.remove_technique):
        with pytest.raises(RuleError, match=r"incident\.is_closed"):
            change(incident.id, some[0], BY, world.now)


def test_incidents_are_counted_by_technique_for_those_who_may_see_them(world: World) -> None:
    since, until = world.now, world.now + dt.timedelta(days=1)
    for incident, its in ((world.open(), ("T1566", "T1486")), (world.open(tlp="red"), ("T1566",))):
        for one in its:
            techniques.add_technique(incident.id, one, BY, world.now)
    assert count_by_technique(Viewer("coordinator"), since, until) == {"T1486": 1, "T1566": 2}
    assert count_by_technique(Viewer("reader"), since, until) == {"T1486": 1, "T1566": 1}
    assert count_by_technique(Viewer("coordinator"), until, until + dt.timedelta(days=1)) == {}
