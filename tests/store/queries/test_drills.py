"""Drills in the database: excluded from real data, listed, and found for comparison."""

import datetime as dt
import re
from functools import partial

from incident.actions.drills import scoring
from incident.core.values.access import Viewer
from incident.store.incidents.incidents import Incident
from incident.store.queries import drills, health, incident_list
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.notice_list import unreached_notices
from tests.actions.drills.test_drills import CONTAIN, COORDINATOR, finish, prepared, start
from tests.core.cacao.build import action, document
from tests.store.queries.test_urgent_work import plans_of
from tests.world import World, rows


def test_lists_alarms_and_counts_leave_exercises_out(world: World) -> None:
    world.department("Response")
    world.playbook(CONTAIN)
    start(world)
    real = world.open("Response")

    def listed(*, is_exercise: bool) -> list[str]:
        wanted = IncidentFilter(is_exercise=is_exercise)
        return [row.title for row in incident_list.list_incidents(COORDINATOR, wanted, None, 9)]

    assert (listed(is_exercise=False), listed(is_exercise=True)) == ([real.title], ["Exercise"])
    assert [row.number for row in unreached_notices(COORDINATOR)] == [real.number]
    counts = {name: dict(counted) for name, _, _, counted in health.counts(world.now)}
    assert counts["incident_incidents"] == {"new": 1}
    assert counts["incident_notices"] == {"open": 1}
    assert (counts["incident_runs_live"], counts["incident_tasks"]) == ({}, {})


def test_a_drill_is_compared_with_earlier_drills_and_real_runs_of_the_same_playbook(world: World) -> None:
    prepared(world)
    other = document({"look": action("end"), "end": None}, name="Other")
    world.playbook(other)
    world.open("Response", playbook=CONTAIN["id"])
    finish(world, answering_after=200)
    for made, answering in ((CONTAIN, 3), (other, 1), (CONTAIN, 10)):
        world.forward(hours=1)
        last = start(world, made)
        finish(world, answering_after=answering)
    found = scoring.report_on(last, COORDINATOR, world.now)
    assert [one.score.acknowledged_for for one in found.earlier] == [dt.timedelta(minutes=3)]
    assert [one.score.acknowledged_for for one in found.real] == [dt.timedelta(seconds=200)]
    assert [lesson.code for lesson in found.lessons] == ["slower"]


def test_runs_that_one_may_not_see_are_not_compared_with(world: World) -> None:
    prepared(world)
    world.open("Response", playbook=CONTAIN["id"], tlp="red")
    finish(world, answering_after=5)
    drill = start(world)
    found = scoring.report_on(drill, Viewer("reader"), world.now)
    assert (found.real, found.earlier) == ([], [])


def test_a_department_gets_the_score_of_its_own_answers_and_tasks(world: World) -> None:
    prepared(world)
    press = world.department("press", [("duty", 1)])
    drill = start(world, departments=["press", "Response"])
    found = scoring.report_on(drill, Viewer("department", frozenset({press.id})), world.now).own.score
    assert [one.department for one in found.answers] == ["Department press"]
    assert found.tasks == ()
    whole = scoring.report_on(drill, COORDINATOR, world.now).own.score
    assert (len(whole.answers), len(whole.tasks)) == (2, 1)


def test_drills_are_listed_newest_first_by_playbook_and_without_what_one_may_not_see(world: World) -> None:
    prepared(world)
    other = document({"look": action("end"), "end": None}, name="Other")
    world.playbook(other)
    ids = [start(world, made).id for made in (CONTAIN, other, CONTAIN)]

    def listed(viewer: Viewer, playbook: str | None = None, before: int | None = None) -> list[int]:
        return [drill.id for drill in drills.list_drills(viewer, playbook, before, 2)]

    assert listed(COORDINATOR) == [ids[2], ids[1]]
    assert listed(COORDINATOR, before=ids[1]) == [ids[0]]
    assert listed(COORDINATOR, CONTAIN["id"]) == [ids[2], ids[0]]
    assert listed(Viewer("department", frozenset({99}))) == []
    assert drills.drill_on(rows(Incident)[0].id) is not None


def test_few_drills_are_listed_without_going_through_all_incidents(world: World) -> None:
    prepared(world)
    start(world)
    for viewer in (Viewer("reader"), Viewer("department", frozenset({1}), 1)):
        plans = plans_of(partial(drills.list_drills, viewer, None, None, 9))
        assert not re.search(r"SCAN incidents|Seq Scan on incidents", plans[-1]), plans[-1]


def test_the_earlier_runs_of_a_playbook_come_from_an_index(world: World) -> None:
    prepared(world)
    ended = partial(drills.ended_runs, COORDINATOR, CONTAIN["id"], world.now, 9, is_drill=False)
    assert "ix_runs_playbook_id_started_at" in plans_of(ended)[-1]
