"""Who has the page of an incident open is kept for each person once, and for a short time."""

import datetime as dt

from incident.actions.directory import people
from incident.actions.incidents.presence import note_pages
from incident.actions.operations.housekeeping import run_housekeeping
from incident.core.incidents.presence import PRESENT_FOR
from incident.store.incidents.presence import IncidentViewer, viewers_of
from incident.store.journal import journal
from tests.world import BY, World, rows


def test_pages_are_noted_once_for_each_person_and_forgotten_when_closed_or_past(world: World) -> None:
    first, second = world.open(), world.open()
    li, zhao = (people.add_person(one, one, "reader", None, None, "en", BY, world.now).id for one in ("li", "zhao"))
    before = journal.head()
    note_pages({(first.id, li), (first.id, zhao), (second.id, li)}, (), world.now)
    later = world.now + dt.timedelta(seconds=15)
    note_pages({(first.id, li), (second.id, li)}, {(first.id, zhao)}, later)
    assert {(row.incident_id, row.person_id, row.seen_at) for row in rows(IncidentViewer)} == {
        (first.id, li, later),
        (second.id, li, later),
    }
    assert viewers_of([first.id], later - PRESENT_FOR) == {first.id: {li}}
    assert viewers_of([first.id], later) == {first.id: frozenset()}
    assert journal.head() == before
    run_housekeeping(later + PRESENT_FOR)
    assert len(rows(IncidentViewer)) == 2
    run_housekeeping(later + PRESENT_FOR + dt.timedelta(seconds=1))
    assert rows(IncidentViewer) == []
