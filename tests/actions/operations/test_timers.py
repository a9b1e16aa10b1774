"""Due timers fire once; a fault in one stops no other."""

import datetime as dt
import threading
import time
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from incident.actions.journal.verifying import verify_journal
from incident.actions.operations import timers
from incident.actions.unit_of_work import transaction
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks import timers as timer_rows
from incident.store.playbooks.runs import Run
from incident.store.playbooks.timers import Timer
from tests.core.cacao.build import action, document
from tests.world import World, only, rows

WAIT = document({"wait": action("done", delay=60_000), "done": None}, name="Wait")


def test_a_timer_fires_at_its_moment_and_not_before(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[5, 5])
    world.open("net")
    assert timer_rows.next_due_at() == world.now + dt.timedelta(minutes=5)
    world.forward(minutes=4, seconds=59, microseconds=999_999)
    assert timers.fire_due(world.now).count == 0
    world.forward(microseconds=1)
    assert timers.fire_due(world.now).count == 1
    fired = rows(Timer)[0]
    assert (fired.state, fired.ended_at) == ("fired", world.now)


def test_after_a_long_night_every_level_is_told_in_its_order_once(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2), ("third", 3)], waits=[5, 5, 5])
    world.open("net")
    world.forward(hours=9)
    assert world.fire() == 1
    assert only(Notice).level == 2
    assert only(Notice).next_at == world.now + dt.timedelta(minutes=5)
    assert [message.level for message in rows(Message)] == [1, 2]


def test_a_delay_holds_a_step_back(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(WAIT)
    world.open("net", playbook=WAIT["id"])
    assert only(Timer, kind="delay").due_at == world.now + dt.timedelta(minutes=1)
    world.forward(minutes=1)
    world.fire()
    assert only(Run).state == "waiting"
    assert [timer.kind for timer in rows(Timer, state="pending")] == ["escalate", "timeout"]


def spoil(run_id: int) -> None:
    """Make a run that no engine can read."""
    with transaction("x", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)):
        db.session.execute(update(Run).where(Run.id == run_id).values(document={"format": 99}))


def test_a_poisoned_timer_does_not_stop_the_others_and_is_put_off_with_its_fault(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(WAIT)
    for _ in range(3):
        world.open("net", playbook=WAIT["id"])
    spoil(2)
    world.forward(minutes=1)
    fired = timers.fire_due(world.now)
    poisoned = only(Timer, kind="delay", subject_type="run", subject_id=2)
    assert fired.count == 2
    assert fired.failed is not None
    assert fired.failed[0] == poisoned.id
    assert (poisoned.state, poisoned.failures, poisoned.due_at) == ("pending", 1, world.now + dt.timedelta(seconds=1))
    assert "format" in (poisoned.fault or "")
    assert only(Entry, event_type="timer.failed").subject == f"timer:{poisoned.id}"
    assert timers.fire_due(world.now) == timers.Fired(0)


def test_the_pauses_of_a_poisoned_timer_grow_to_five_minutes_and_no_further(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(WAIT)
    world.open("net", playbook=WAIT["id"])
    spoil(1)
    poisoned = only(Timer, kind="delay")
    pauses = []
    for failures in (0, 1, 2, 8, 9, 60, 5000):
        with transaction("x", world.now):
            db.session.execute(update(Timer).where(Timer.id == poisoned.id).values(failures=failures, due_at=world.now))
        timers.fire_due(world.now)
        pauses.append((only(Timer, id=poisoned.id).due_at - world.now).total_seconds())
    assert pauses == [1, 2, 4, 256, 300, 300, 300]


def test_a_fault_that_the_database_names_stops_no_other_timer(world: World) -> None:
    """A level too large for the table: the database refuses the row, and only this timer is delayed."""
    world.department("net", [("duty", 1), ("second", 2)], waits=[1, 1])
    for _ in range(2):
        world.open("net")
    with transaction("x", world.now):
        broken = {"levels": [{"wait": "PT1M"}, {"wait": "PT1M"}], "repeat": 0}
        db.session.execute(update(Notice).where(Notice.id == 1).values(policy=broken, department_id=1))
        stray = Entry(seq=10_000, at=world.now, actor="x", event_type="x", subject="x", detail="{}", hash="0" * 64)
        db.session.add(stray)
        db.session.execute(update(Notice).where(Notice.id == 1).values(policy={"levels": []}))
    world.forward(minutes=1)
    fired = timers.fire_due(world.now)
    assert (fired.count, only(Notice, id=2).level) == (1, 2)
    assert only(Timer, subject_type="notice", subject_id=1).failures == 1


def test_a_timer_of_an_incident_that_somebody_holds_waits_and_the_others_fire(postgres_world: World) -> None:
    world = postgres_world
    world.department("net", [("duty", 1), ("second", 2)], waits=[1, 1])
    held, free = world.open("net"), world.open("net")
    world.forward(minutes=1)
    with db.engine.connect() as other, other.begin():
        other.execute(db.select(Incident.id).where(Incident.id == held.id).with_for_update())
        began = time.monotonic()
        assert timers.fire_due(world.now).count == 1
        assert time.monotonic() - began < 5
        assert [notice.level for notice in rows(Notice)] == [1, 2]
    assert world.fire() == 1
    assert (only(Notice, incident_id=held.id).level, only(Notice, incident_id=free.id).level) == (2, 2)


def test_two_clocks_fire_different_timers_at_the_same_time(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = postgres_world
    world.department("net", [("duty", 1), ("second", 2)], waits=[1, 1])
    for _ in range(9):
        world.open("net")
    world.forward(minutes=1)
    is_first, is_second_done = threading.Event(), threading.Event()
    prefetch = timers._look_around

    def wait_in_the_first(*given: Any) -> Any:
        if threading.current_thread().name == "first":
            is_first.set()
            assert is_second_done.wait(30)
        return prefetch(*given)

    monkeypatch.setattr(timers, "_look_around", wait_in_the_first)
    fired: list[int] = []

    def fire() -> None:
        with world.app.app_context():
            fired.append(timers.fire_due(world.now, 4).count)

    first = threading.Thread(target=fire, name="first")
    first.start()
    assert is_first.wait(30)
    began = time.monotonic()
    assert timers.fire_due(world.now, 4).count == 4  # those after the four that the first one has claimed
    assert time.monotonic() - began < 5
    assert [row.id for row in rows(Timer, state="fired")] == [5, 6, 7, 8]
    is_second_done.set()
    first.join(30)
    assert fired == [4]
    assert world.fire() == 1
    assert [notice.level for notice in rows(Notice)] == [2] * 9


def test_what_somebody_holds_keeps_a_clock_that_takes_one_at_a_time_from_nothing_else(postgres_world: World) -> None:
    world = postgres_world
    world.department("net", [("duty", 1), ("second", 2)], waits=[1, 1])
    held, free = world.open("net"), world.open("net")
    world.forward(minutes=1)
    with db.engine.connect() as other, other.begin():
        other.execute(db.select(Incident.id).where(Incident.id == held.id).with_for_update())
        assert timers.fire_due(world.now, 1).count == 1
    assert (only(Notice, incident_id=held.id).level, only(Notice, incident_id=free.id).level) == (1, 2)


@pytest.mark.slow
def test_four_clocks_at_once_never_act_twice_on_one_of_two_hundred_timers(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[1, 60])
    for _ in range(200):
        world.open("net")
    world.forward(minutes=1)

    def clock() -> int:
        count = 0
        while True:
            fired = timers.fire_due(world.now, 20)
            assert fired.failed is None
            if not fired.count:
                return count
            count += fired.count

    done = world.at_once(*[clock] * 4)
    assert not [one for one in done if isinstance(one, Exception)], done
    assert sum(done) + world.fire() == 200
    assert [notice.level for notice in rows(Notice)] == [2] * 200
    assert len(rows(Message)) == 400
    assert len(rows(Entry, event_type="notice.escalated")) == 200
    assert verify_journal().is_intact


def test_many_due_at_once_are_fired_in_batches_the_oldest_first(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[1, 60])
    for _ in range(7):
        world.open("net")
        world.forward(seconds=1)
    world.forward(minutes=1)
    assert timers.fire_due(world.now, 3).count == 3
    assert [notice.level for notice in rows(Notice)] == [2, 2, 2, 1, 1, 1, 1]
    assert world.at_once(partial(timers.fire_due, world.now, 50)) == [timers.Fired(4)]
