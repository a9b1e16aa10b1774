"""Counts of the overview: as many as the list has, as each viewer, and read from an index."""

import datetime as dt
from typing import Any

import pytest

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.incidents.incidents import IncidentPerson
from incident.store.queries import incident_tabs, overview_counts, visibility
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.incident_list import incident_ids
from incident.store.queries.overview_counts import ALL_GRADES, count_incidents, count_open_exercises
from tests.store.queries.test_incident_list import AT, crowd
from tests.store.queries.test_urgent_work import plans_of
from tests.world import World

__all__ = ["crowd"]

SINCE = (AT + dt.timedelta(days=20), AT, AT - dt.timedelta(days=20))
VIEWERS = {
    "coordinator": Viewer("coordinator"),
    "reader": Viewer("reader"),
    "named reader": Viewer("reader", person_id=1),
    "department": Viewer("department", frozenset({2})),
}


def listed(viewer: Viewer, grade: int | None, place: int) -> int:
    """The length of the list of a cell."""
    bounds: dict[str, Any] = {} if place == len(SINCE) else {"since": SINCE[place]}
    bounds |= {"until": SINCE[place - 1]} if place else {}
    of_grade: dict[str, Any] = {"is_ungraded": True} if grade is None else {"grade": grade}
    return len(incident_ids(viewer, IncidentFilter(tab="open", **of_grade, **bounds), 5_000))


@pytest.mark.parametrize("who", VIEWERS)
def test_every_cell_is_as_large_as_the_list_that_it_leads_to(crowd: World, who: str) -> None:
    viewer = VIEWERS[who]
    counts = count_incidents(viewer, SINCE).ages
    by_hand = {(grade, place): listed(viewer, grade, place) for grade in ALL_GRADES for place in range(4)}
    assert dict(counts.numbers) == by_hand
    assert not counts.is_least
    assert sum(by_hand.values()) > 20


@pytest.mark.parametrize("who", VIEWERS)
def test_the_tabs_of_the_overview_are_those_of_the_list(crowd: World, who: str) -> None:
    tabs = count_incidents(VIEWERS[who], SINCE).tabs
    assert tabs == incident_tabs.count_tabs(VIEWERS[who])
    assert tabs.numbers["open"] > 20


def test_a_red_incident_is_counted_for_whom_it_names_and_for_nobody_else(crowd: World) -> None:
    before = sum(count_incidents(VIEWERS["reader"], SINCE).ages.numbers.values())
    db.session.add(Person(id=1, login="li", name="Li", role="reader", created_at=AT))
    db.session.flush()
    db.session.add_all([IncidentPerson(incident_id=one, person_id=1) for one in range(1, 400)])
    db.session.commit()
    assert sum(count_incidents(VIEWERS["named reader"], SINCE).ages.numbers.values()) > before
    assert sum(count_incidents(VIEWERS["reader"], SINCE).ages.numbers.values()) == before
    test_every_cell_is_as_large_as_the_list_that_it_leads_to(crowd, "named reader")


def test_counts_stop_at_a_limit(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_counts, "COUNT_LIMIT", 7)
    overview_counts._cells.cache_clear()
    try:
        numbers = count_incidents(VIEWERS["coordinator"], SINCE).ages.numbers
    finally:
        overview_counts._cells.cache_clear()
    assert numbers[1, 0] == numbers[None, 3] == 8
    monkeypatch.setattr(incident_tabs, "NEWEST_COUNTED", 7)
    monkeypatch.setattr(visibility, "FEW", 7)
    db.session.rollback()
    assert count_incidents(VIEWERS["department"], SINCE).ages.is_least


@pytest.mark.parametrize("who", ["coordinator", "named reader"])
def test_no_row_of_the_table_is_read_to_count(crowd: World, who: str) -> None:
    plan = plans_of(lambda: count_incidents(VIEWERS[who], SINCE))[0]
    assert plan.count("ix_incidents_open") == len(ALL_GRADES) * (len(SINCE) + 1)
    assert "Seq Scan on incidents" not in plan
    if db.engine.dialect.name == "sqlite":
        assert plan.count("COVERING INDEX ix_incidents_open") == len(ALL_GRADES) * (len(SINCE) + 1)


def test_exercises_are_counted_apart(crowd: World) -> None:
    found = incident_ids(VIEWERS["coordinator"], IncidentFilter(tab="open", is_exercise=True), 5_000)
    assert count_open_exercises(VIEWERS["coordinator"]) == len(found) > 10
    assert count_open_exercises(VIEWERS["reader"]) < len(found)
