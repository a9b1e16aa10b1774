"""The daily sums follow the journal, and counting everything again gives the same."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from incident.actions.deadlines import clock_events
from incident.actions.directory import people
from incident.actions.drills import drills
from incident.actions.drills.drills import NewDrill
from incident.actions.incidents import closing_reviews, incidents
from incident.actions.incidents.closing_reviews import NewReviewAction
from incident.actions.insights import keeping
from incident.actions.insights.keeping import keep_sums, rebuild_sums
from incident.core.insights.counting import EVERYWHERE
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.insights import figures, sums
from tests.core.cacao.build import action, document, manual
from tests.test_query_counts import count_of
from tests.world import BY, World, acknowledge_notice, notice_of

STEPS = document(
    {
        "isolate": action("tell", manual("Pull the cable."), name="Isolate / 隔离", timeout=600_000),
        "tell": action("done", manual("Tell the owner."), name="Tell", timeout=600_000),
        "done": None,
    },
    name="Contain",
)
COORDINATOR, READER = Viewer("coordinator"), Viewer("reader")
SPAN = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def keep(world: World, zone: ZoneInfo | None = None) -> None:
    while keep_sums(zone or world.zone, world.now):
        pass


def totals(viewer: Viewer = COORDINATOR, **more: Any) -> dict[str, int]:
    return {one.measure: one.number for one in figures.sum_items(viewer, "month", *SPAN, **more)}


def items(dimension: str, viewer: Viewer = COORDINATOR, **more: Any) -> dict[tuple[str, str], int]:
    return {(one.measure, one.item): one.number for one in figures.sum_items(viewer, dimension, *SPAN, **more)}


def acknowledge(world: World, incident: Incident, department: Department) -> None:
    acknowledge_notice(notice_of(incident, department).id, BY, "inbox", world.now)


def review(world: World, incident: Incident) -> None:
    """Write the review of a closed incident twice, and agree on three actions; one is done in time."""
    people.add_person("li", "Li Na", "responder", None, None, "en", BY, world.now)
    for text in ("Isolated in ten minutes", "Isolated in nine minutes"):
        closing_reviews.write_review(incident.id, text, "", BY, world.now)
        world.after(minutes=1)
    due_at = world.now + dt.timedelta(days=2)
    for title in ("Write it down", "Tell the board", "Buy a spare"):
        row = closing_reviews.add_review_action(incident.id, NewReviewAction(title, "li", due_at), BY, world.now)
    closing_reviews.end_review_action(row.id, BY, world.now)
    keep(world)
    closing_reviews.remove_review_action(row.id - 1, BY, world.now)


def varied(world: World) -> tuple[Department, Department, list[Incident]]:
    """A story with acknowledgements, escalations, a timeout, changes, a reopening, a drill and a red incident."""
    net = world.department("Response", [("duty", 1), ("head", 2)], waits=[15, 15])
    web = world.department("web", [("desk", 1)], waits=[30])
    world.playbook(STEPS)
    keep(world)
    first = world.open("Response", category="NASCAN", playbook=STEPS["id"])
    second = world.open("Response", "web", category="NASCAN")
    world.after(minutes=5)
    acknowledge(world, first, net)
    keep(world)
    red = world.open("web", category="DSDATALEAK", tlp="red")
    world.after(minutes=20)
    world.after(minutes=20)
    acknowledge(world, second, net)
    acknowledge(world, second, web)
    keep(world)
    clock_events.put_handled(second.id, world.now, None, BY, world.now)
    world.change(second, category="NAPHISH", departments=["web"])
    world.close(second)
    world.forward(hours=30)
    incidents.reopen_incident(second.id, "It came back", BY, world.now)
    world.close(first, "over")
    third = world.open("web")
    incidents.acknowledge_incident(third.id, None, BY, "api", world.now)
    review(world, first)
    drills.start_drill(NewDrill(playbook=STEPS["id"], speed=60), BY, world.now, world.zone)
    world.after(minutes=5)
    return net, web, [first, second, red, third]


def test_counting_everything_again_gives_the_same_sums(world: World) -> None:
    varied(world)
    keep(world)
    kept = sums.every_sum()
    assert len(kept) > 50
    said: list[int] = []
    rebuild_sums(world.zone, "cli", world.now, said.append)
    assert sums.every_sum() == kept
    assert said
    assert keep_sums(world.zone, world.now) is False


def test_the_sums_say_what_happened(world: World) -> None:
    net, web, _ = varied(world)
    keep(world)
    assert totals() == {
        "opened": 4, "acknowledged": 3, "contained": 1, "resolved": 1, "reopened": 1, "escalated": 1, "timed_out": 1,
        "reviewed": 1, "action_added": 2, "action_due": 2, "action_done": 1, "action_kept": 1,
    }  # fmt: skip
    assert items("category")["opened", "NAPHISH"] == 1
    assert items("category")["opened", "NASCAN"] == 1
    assert items("category")["opened", ""] == 1
    assert items("step") == {("timed_out", "Contain\nIsolate / 隔离"): 1}
    by_department = {
        (one.measure, one.department_id): one.number
        for one in figures.sum_departments(COORDINATOR, [net.id, web.id], *SPAN)
    }
    assert by_department["acknowledged", net.id] == 2
    assert by_department["acknowledged", web.id] == 1
    assert by_department["opened", web.id] == 3
    assert by_department["timed_out", net.id] == 1


def test_drills_are_kept_apart_from_real_incidents(world: World) -> None:
    varied(world)
    keep(world)
    assert totals(is_drill=True)["opened"] == 1
    assert totals(is_drill=True)["timed_out"] >= 1
    assert items("hour").keys().isdisjoint({("opened", "")})


def test_a_red_incident_is_counted_only_for_who_may_see_all_of_them(world: World) -> None:
    _, web, (_, _, red, _) = varied(world)
    keep(world)
    assert (totals()["opened"], totals(READER)["opened"]) == (4, 3)
    assert ("opened", "DSDATALEAK") in items("category")
    assert ("opened", "DSDATALEAK") not in items("category", READER)
    own = Viewer("department", frozenset({web.id}))
    assert totals(own)["opened"] == 2
    world.change(red, tlp="amber")
    keep(world)
    assert (totals(READER)["opened"], totals(own)["opened"]) == (4, 3)
    world.change(red, tlp="red")
    keep(world)
    assert (totals(READER)["opened"], totals(own)["opened"]) == (3, 2)


def test_a_department_sees_only_its_own_figures(world: World) -> None:
    net, web, _ = varied(world)
    keep(world)
    own = Viewer("department", frozenset({net.id}))
    assert totals(own)["opened"] == 2
    assert {one.department_id for one in figures.sum_departments(own, [net.id, web.id], *SPAN)} == {net.id}
    assert {one.department_id for one in figures.sum_times(own, "day", *SPAN)} == {net.id}
    assert figures.sum_items(Viewer("department"), "month", *SPAN) == ()
    assert figures.scope_of(READER) == EVERYWHERE


def test_another_time_zone_makes_all_days_counted_again(world: World) -> None:
    world.department("net")
    world.forward(hours=16 - world.now.hour)  # after midnight in Shanghai, noon in New York
    world.open("net")
    keep(world)
    (here,) = {one.day for one in figures.sum_times(COORDINATOR, "day", *SPAN)}
    keep(world, ZoneInfo("America/New_York"))
    (there,) = {one.day for one in figures.sum_times(COORDINATOR, "day", *SPAN)}
    assert here is not None
    assert there == here - dt.timedelta(days=1)
    assert totals()["opened"] == 1
    state = sums.insights_state()
    assert state is not None
    assert (state.zone, state.recounted_id) == ("America/New_York", None)


def test_a_recount_that_is_broken_off_goes_on_and_says_that_it_has_not_ended(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(keeping, "RECOUNTED_AT_ONCE", 2)
    world.department("net")
    for _ in range(5):
        world.open("net")
    keep_sums(world.zone, world.now)  # begins
    keep_sums(world.zone, world.now)
    state = sums.insights_state()
    assert state is not None
    assert state.recounted_id is not None
    assert totals()["opened"] == 2
    world.open("net")
    keep(world)
    assert totals()["opened"] == 6


def test_an_incident_costs_the_same_statements_whether_sums_are_kept_or_not(sqlite_world: World) -> None:
    sqlite_world.department("net", [("first", 1)], waits=[1])
    sqlite_world.open("net")
    before = count_of(lambda: sqlite_world.open("net"))
    keep(sqlite_world)
    assert count_of(lambda: sqlite_world.open("net")) == before
    sqlite_world.open("net")
    assert count_of(lambda: keep_sums(sqlite_world.zone, sqlite_world.now)) <= 20
    db.session.rollback()
    assert count_of(lambda: keep_sums(sqlite_world.zone, sqlite_world.now)) <= 2
