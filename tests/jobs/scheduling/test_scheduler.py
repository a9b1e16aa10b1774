"""The scheduler: written work starts without waiting for a sweep, and a dead part is noticed."""

import datetime as dt
import threading
import time
from collections import Counter

import pytest
from sqlalchemy import text

from incident import clock
from incident.actions.unit_of_work import transaction
from incident.app import listening, tools_of
from incident.core.delivery.slot_share import PER_ORIGIN
from incident.jobs.scheduling import scheduler as module
from incident.jobs.scheduling.scheduler import SWEEP_EVERY, Clock, Stuck
from incident.store.db import write_lock
from incident.store.db.database import db
from incident.store.delivery.circuits import Circuit
from incident.store.directory.departments import Contact
from incident.store.notifications.messages import Delivery, Message
from incident.store.notifications.notices import Notice
from incident.store.operations.instance import last_tick_at
from incident.store.playbooks.timers import Timer
from incident.store.queries.next_due import NextDue
from tests import receivers
from tests.jobs.running import Deaf, running, until
from tests.world import World, only, rows

ROUND = dt.timedelta(minutes=30)


def hooked(world: World, code: str, url: str, *levels: int) -> None:
    department = world.department(code, waits=[1, 600])
    for level in levels:
        world.contact(department, f"hook {level}", level, "webhook", url)


@pytest.fixture
def present(world: World) -> World:
    """A world in which it is now."""
    world.now = clock.now()
    return world


@pytest.fixture
def rare_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweeps so rare that a test which waits for one fails."""
    monkeypatch.setattr(module, "SWEEP_EVERY", 60.0)
    monkeypatch.setattr(module, "STUCK_AFTER", 120.0)


@pytest.mark.usefixtures("rare_sweeps")
def test_a_message_is_sent_when_it_is_committed_without_waiting_for_the_sweep(present: World) -> None:
    with receivers.receiver() as receiver, running(present):
        hooked(present, "net", f"{receiver.url}/hook", 1)
        until(ticked)
        present.open("net")
        until(lambda: receiver.requests, 20)
        assert receiver.requests[0].json["type"] == "notice.created"
        until(lambda: only(Message).state == "sent")


@pytest.mark.usefixtures("rare_sweeps")
def test_timers_that_come_due_while_others_are_fired_do_not_wait_for_the_sweep(present: World) -> None:
    net = present.department("net", [("first", 1), ("second", 2)], waits=[1, 600])
    present.now -= dt.timedelta(seconds=58)
    for _ in range(40):  # their second levels come due one after the other, closer than the clock can fire them
        present.now += dt.timedelta(milliseconds=7)
        present.open(net.code)
    with running(present, Deaf()):
        until(lambda: len(rows(Timer, state="fired")) == 40, 20)


def test_the_clock_fires_nothing_while_somebody_waits_to_write(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_lock, "YIELD_LIMIT", 60.0)
    sqlite_world.department("net", [("first", 1), ("second", 2)], waits=[1, 600])
    sqlite_world.now = clock.now() - dt.timedelta(seconds=61)
    queue = write_lock.lock_of(db.engine)
    assert queue is not None
    with running(sqlite_world):
        until(ticked)
        with queue.writers.register():
            sqlite_world.open("net")
            time.sleep(0.5)
            assert not rows(Timer, state="fired")
        until(lambda: rows(Timer, state="fired"), 20)


def answer_when_let(handler: receivers.Handler) -> None:
    """Succeed, but only when the test allows it."""
    handler.receiver.ended.wait(30)
    handler.respond()


def ticked() -> object:
    """Whether the scheduler has ticked; read in a new transaction to see commits of others."""
    db.session.rollback()
    return last_tick_at(clock.now() + dt.timedelta(days=365))


def test_a_lost_wake_costs_no_more_than_a_sweep(present: World) -> None:
    with receivers.receiver() as receiver, running(present, Deaf()):
        hooked(present, "net", f"{receiver.url}/hook", 1)
        for _ in range(2):
            present.open("net")
            assert until(lambda: receiver.requests) < SWEEP_EVERY + 2.0
            receiver.requests.clear()


@pytest.mark.usefixtures("rare_sweeps")
def test_a_timer_fires_at_its_moment_without_waiting_for_the_sweep(present: World) -> None:
    present.department("net", [("first", 1), ("second", 2)], waits=[1 / 60, 60])
    with running(present):
        present.now = clock.now()
        present.open("net")
        until(lambda: only(Notice).level == 2, 20)
    fired = rows(Timer, state="fired")[0]
    assert fired.ended_at is not None
    assert fired.ended_at >= fired.due_at


@pytest.mark.usefixtures("rare_sweeps")
@pytest.mark.parametrize("ahead", [ROUND, -ROUND])
def test_a_timer_fires_at_its_moment_also_when_the_machine_goes_by_another_time(
    present: World, ahead: dt.timedelta
) -> None:
    present.department("net", [("first", 1), ("second", 2)], waits=[2 / 60, 600])
    ticks: list[int] = []
    with running(present, now=lambda: clock.now() + ahead) as started:
        until(ticked)
        look = started.clock._read_due

        def counted() -> tuple[dt.datetime, NextDue]:
            ticks.append(1)
            return look()

        started.clock._read_due = counted  # type: ignore[method-assign]
        present.now = clock.now() + ahead
        present.open("net")
        assert until(lambda: only(Notice).level == 2, 20) > 1
    assert len(ticks) < 50  # it has waited for the moment, and not looked again and again


def test_a_jump_of_the_machines_clock_fires_what_has_come_due_and_a_jump_back_fires_nothing_again(
    present: World,
) -> None:
    present.department("net", [("first", 1), ("second", 2), ("third", 3)], waits=[30, 30, 30])
    present.open("net")
    leap = [dt.timedelta()]
    with running(present, now=lambda: clock.now() + leap[0]):
        until(lambda: rows(Delivery))  # the clock is at work
        leap[0] = ROUND
        until(lambda: only(Notice).level == 2)
        leap[0] = -ROUND
        time.sleep(1.3 * SWEEP_EVERY)
        assert only(Notice).level == 2
        leap[0] = 2 * ROUND
        until(lambda: only(Notice).level == 3)
    assert Counter(timer.state for timer in rows(Timer)) == {"fired": 2, "pending": 1}


def test_every_job_may_be_late_by_any_length_of_time(sqlite_world: World) -> None:
    with running(sqlite_world) as it:
        until(lambda: it.clock._scheduler.get_job("sweep"))
        jobs = {job.id: job.misfire_grace_time for job in it.clock._scheduler.get_jobs()}
    assert jobs["sweep"] is None
    assert set(jobs.values()) == {None}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_scheduler_whose_thread_has_died_is_noticed_although_it_says_that_it_runs(sqlite_world: World) -> None:
    def die() -> None:
        raise LookupError("as APScheduler's own stores have done")

    said_to_run: list[bool] = []
    with running(sqlite_world) as it:
        until(lambda: it.clock._scheduler.get_job("sweep"))
        scheduler, shut_down = it.clock._scheduler, it.clock._scheduler.shutdown

        def shutdown(wait: bool) -> None:
            said_to_run.append(scheduler.running)
            shut_down(wait)

        scheduler.shutdown = shutdown
        scheduler._process_jobs = die
        scheduler.wakeup()
        fault = it.ended(10)
    assert said_to_run == [True]
    assert isinstance(fault, Stuck)
    assert "scheduler" in str(fault)


def test_a_clock_tells_its_parent_again_and_again_that_it_is_at_work(sqlite_world: World) -> None:
    beats: list[float] = []
    hand = Clock(sqlite_world.app, tools_of(sqlite_world.app), Deaf(), beat=lambda: beats.append(time.monotonic()))
    running = threading.Thread(target=hand.run)
    running.start()
    try:
        until(lambda: len(beats) >= 3, 20)
    finally:
        hand.stop()
        running.join(20)
    assert not running.is_alive()


def test_a_tick_that_does_not_end_is_noticed(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK_AFTER", 0.5)
    with running(sqlite_world) as it:
        it.clock._ticking.acquire(timeout=10)
        fault = it.ended(40)
        it.clock._ticking.release()
    assert isinstance(fault, Stuck)
    assert "no tick" in str(fault)


def test_a_clock_says_that_it_lives_and_stops_when_asked(sqlite_world: World) -> None:
    with running(sqlite_world):
        until(ticked)
    assert not [thread for thread in threading.enumerate() if thread.name in {"send-dispatcher", "command-dispatcher"}]


def test_a_poisoned_timer_holds_up_no_other(present: World) -> None:
    present.department("net", [("first", 1), ("second", 2)], waits=[1 / 60, 60])
    poisoned, sound = present.open("net"), present.open("net")
    with transaction("x", present.now):
        db.session.get_one(Notice, 1).policy = {"levels": []}
    with running(present):
        until(lambda: only(Notice, incident_id=sound.id).level == 2)
        until(lambda: only(Timer, incident_id=poisoned.id).failures > 0)
    assert "policy.levels" in (only(Timer, incident_id=poisoned.id).fault or "")


def test_a_contact_that_hangs_holds_two_slots_and_nobody_else_up(present: World) -> None:
    with receivers.receiver(behave=answer_when_let) as hanging, receivers.receiver() as good, running(present):
        hooked(present, "slow", f"{hanging.url}/hook", 1)
        hooked(present, "quick", f"{good.url}/hook", 1)
        for _ in range(6):
            present.open("slow")
        until(lambda: len(hanging.requests) == 2)
        for _ in range(3):
            present.open("quick")
        assert until(lambda: len(good.requests) == 3) < 4.0
        assert len(hanging.requests) == 2
        hanging.ended.set()


def test_no_more_than_eight_are_sent_to_one_origin_at_once(sqlite_world: World) -> None:
    world = sqlite_world
    world.now = clock.now()
    with receivers.receiver(behave=answer_when_let) as hanging:
        net = world.department("net")
        for number in range(40):
            world.contact(net, f"hook {number}", 1, "webhook", f"{hanging.url}/{number}")
        world.open("net")
        with running(world):
            until(lambda: len(hanging.requests) == PER_ORIGIN)
            time.sleep(1.2)
            assert len(hanging.requests) == PER_ORIGIN
            assert Counter(row.state for row in rows(Message)) == {"sending": PER_ORIGIN, "pending": 40 - PER_ORIGIN}
            hanging.ended.set()
            until(lambda: {row.state for row in rows(Message)} == {"sent"})
    assert len(hanging.requests) == 40


@pytest.mark.slow
def test_two_clocks_on_one_database_never_act_twice_on_one_timer(postgres_world: World) -> None:
    world = postgres_world
    world.now = clock.now() - dt.timedelta(minutes=2)
    with receivers.receiver() as receiver:
        hooked(world, "net", f"{receiver.url}/hook", 2)
        for _ in range(200):
            world.open("net")
        with running(world), running(world):
            until(lambda: len(receiver.requests) >= 200, 90)
            until(lambda: {row.state for row in rows(Message)} == {"sent"})
    assert [notice.level for notice in rows(Notice)] == [2] * 200
    notified = Counter(request.headers["webhook-id"] for request in receiver.requests)
    assert (len(notified), set(notified.values())) == (200, {1})


def test_a_clock_on_postgresql_goes_on_when_its_listening_connection_is_cut(postgres_world: World) -> None:
    world = postgres_world
    world.now = clock.now()
    with receivers.receiver() as receiver, running(world):
        hooked(world, "net", f"{receiver.url}/hook", 1)
        world.open("net")
        until(lambda: len(receiver.requests) == 1)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        assert len(db.session.execute(text(cut)).all()) == 1
        db.session.rollback()
        world.open("net")
        until(lambda: len(receiver.requests) == 2)


def test_listeners_are_made_for_each_kind_of_database(world: World) -> None:
    listener = listening(world.settings)()
    try:
        assert type(listener).__name__ == ("HomeListener" if world.settings.is_sqlite else "PostgresListener")
    finally:
        listener.close()


def test_a_contact_is_checked_by_the_clock_when_its_time_has_come(present: World) -> None:
    with receivers.receiver() as receiver:
        hooked(present, "net", f"{receiver.url}/hook", 1)
        db.session.get_one(Contact, 1).check_due_at = present.now
        db.session.commit()
        with running(present) as started:
            until(lambda: started.clock._scheduler.get_job("checks") is not None)
            started.clock._scheduler.get_job("checks").func()
        assert [request.json["type"] for request in receiver.requests] == ["contact.test"]
    assert (only(Contact).check_outcome, only(Contact).check_detail) == ("accepted", "200 ok")


def test_a_provider_that_fails_is_left_alone_by_the_clock_while_others_are_sent_to(present: World) -> None:
    with receivers.receiver(status=500) as bad, receivers.receiver() as good, running(present):
        hooked(present, "ill", f"{bad.url}/hook", 1)
        hooked(present, "well", f"{good.url}/hook", 1)
        for _ in range(6):
            present.open("ill", "well")
        until(lambda: rows(Circuit) and only(Circuit).opened_at is not None)
        until(lambda: len(good.requests) == 6)
        came = len(bad.requests)
        assert 5 <= came <= 6
        time.sleep(2.5)  # retries follow after two seconds
        assert len(bad.requests) == came
