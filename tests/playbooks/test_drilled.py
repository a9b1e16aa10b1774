"""Every shipped playbook is drilled to its end, with all answers and with none."""

import datetime as dt
from typing import Any

import pytest

from incident import data
from incident.actions.directory import departments
from incident.actions.drills import drills, scoring
from incident.actions.drills.drills import NewDrill
from incident.actions.playbooks import playbooks
from incident.actions.playbooks.replaying import replay_run
from incident.core.cacao import parse
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.notifications.notices import Notice
from incident.store.playbooks import timers
from incident.store.playbooks.tasks import Task
from incident.store.queries.drills import Drill
from tests.playbooks.test_shipped import FILES, document_of
from tests.world import BY, World, acknowledge_notice, only, rows

MAX_TURNS = 300
SPEED = 60
ANSWERS = {"bool": "true", "integer": "3", "long": "3", "hexstring": "ab", "ipv4-addr": "192.0.2.7"}
OF_PEOPLE = frozenset({"not_acknowledged", "no_contact", "task_never", "tasks_never", "task_late", "task_for_nobody"})
"""Lessons that a playbook must not cause if everybody answers at once."""

COORDINATOR = Viewer("coordinator")


@pytest.fixture
def world(sqlite_world: World) -> World:
    """A world with the demonstration's departments and all shipped playbooks."""
    for department in data.demonstration()["departments"]:
        added = departments.add_department(
            department["code"], department["name"], department.get("parent"), BY, sqlite_world.now
        )
        sqlite_world.contact(added)
    for file in FILES:
        playbooks.add_playbook(document_of(file), BY, sqlite_world.now)
    return sqlite_world


def answer(kind: str) -> str:
    return ANSWERS.get(kind, "none")


def begin(world: World, document: Any) -> Drill:
    asked = {name: answer(one.type) for name, one in parse(document).externals.items() if one.value is None}
    new = NewDrill(titles={"en": "Exercise"}, playbook=document["id"], speed=SPEED, values=asked)
    return drills.start_drill(new, BY, world.now, world.zone)


def do_what_is_open(world: World) -> bool:
    """Acknowledge and do everything that is open; return whether there was anything."""
    waiting = rows(Notice, state="open")
    for notice in waiting:
        acknowledge_notice(notice.id, BY, "inbox", world.now)
    tasks = rows(Task, state="open")
    if tasks:
        given = {one["name"].strip("_"): answer(one["type"]) for one in tasks[0].expects}
        world.complete(tasks[0].id, **given)
    return bool(waiting or tasks)


def wait_for_the_clock(world: World) -> None:
    next_at = timers.next_due_at()
    db.session.rollback()
    assert next_at is not None, "nothing is open and no timer is set"
    world.now = max(world.now, next_at)
    world.fire()


def play(world: World, drill: Drill, *, has_answers: bool) -> scoring.Report:
    for _ in range(MAX_TURNS):
        if only(Drill, id=drill.id).ended_at is not None:
            return scoring.report_on(only(Drill, id=drill.id), COORDINATOR, world.now)
        if not (has_answers and do_what_is_open(world)):
            wait_for_the_clock(world)
    raise AssertionError("the drill does not end")


def test_a_drill_of_each_shipped_playbook_ends_well_when_everybody_answers(world: World) -> None:
    for file in FILES:
        drill = begin(world, document_of(file))
        found = play(world, drill, has_answers=True)
        assert found.own.score.state != "cancelled", file.name
        assert found.own.score.share == 100, (file.name, found.lessons)
        assert not {lesson.code for lesson in found.lessons} & OF_PEOPLE, (file.name, found.lessons)
        world.forward(minutes=1)


def test_a_drill_of_each_shipped_playbook_ends_and_teaches_when_nobody_answers(world: World) -> None:
    for file in FILES:
        drill = begin(world, document_of(file))
        found = play(world, drill, has_answers=False)
        score = found.own.score
        assert (score.share, score.in_time) == (0, 0), file.name
        codes = {lesson.code for lesson in found.lessons}
        assert "not_acknowledged" in codes, file.name
        assert codes & {"task_never", "tasks_never"}, file.name
        assert score.took_for == score.real_for * SPEED > dt.timedelta()
        replayed = replay_run(drill.run_id)
        assert replayed is not None
        assert replayed.differences == [], file.name
