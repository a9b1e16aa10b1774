"""Housekeeping of the instance."""

import datetime as dt
import json
from dataclasses import replace
from functools import partial

from sqlalchemy import inspect, text

from incident.actions.delivery import deliver
from incident.actions.directory import departments
from incident.actions.incidents.views import delete_view, save_view
from incident.actions.operations import housekeeping
from incident.actions.unit_of_work import IdempotentRequest, StoredResponse
from incident.core.notifications.message import DeliveryError
from incident.core.operations.watchdog import ClockOff
from incident.node import Node
from incident.store.db.database import db
from incident.store.incidents.sns_topics import SnsTopic
from incident.store.incidents.views import SavedView
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.operations.instance import Heartbeat, IdempotencyRecord, instance_setting, last_tick_at
from incident.store.playbooks.timers import Timer
from incident.store.queries import health
from tests.world import BY, World, only, rows

A, B = Node("a" * 32, "1" * 32, "soc"), Node("b" * 32, "2" * 32, "soc")
"""Two machines that have the same name."""


def test_a_clock_says_that_it_lives_and_the_newest_of_all_counts(world: World) -> None:
    assert last_tick_at(world.now) is None
    housekeeping.beat(A, 1, world.now)
    housekeeping.beat(B, 2, world.forward(seconds=2))
    housekeeping.beat(A, 1, world.forward(seconds=2))
    assert (last_tick_at(world.now), len(rows(Heartbeat))) == (world.now, 2)
    assert rows(Entry) == []


def test_what_has_had_its_day_is_forgotten(world: World) -> None:
    housekeeping.beat(A, 1, world.now)
    idempotency = IdempotentRequest("token:1", "k", b"x", lambda made: StoredResponse(201, made.code), world.ring)
    departments.add_department("net", "Network", None, BY, world.now, idempotency)
    world.forward(hours=23)
    housekeeping.run_housekeeping(world.now)
    assert (len(rows(IdempotencyRecord)), len(rows(Heartbeat))) == (1, 1)
    world.forward(hours=2)
    housekeeping.run_housekeeping(world.now)
    assert (rows(IdempotencyRecord), rows(Heartbeat)) == ([], [])


def test_a_topic_that_nobody_allowed_and_a_deleted_view_are_forgotten_after_30_days(world: World) -> None:
    month = dt.timedelta(days=30)
    arn, day = "arn:aws:sns:eu-west-1:1:", dt.timedelta(days=1)
    db.session.add(SnsTopic(arn=arn + "silent", first_at=world.now))
    db.session.add(SnsTopic(arn=arn + "asked", first_at=world.now, asked_at=world.now + day))
    db.session.add(SnsTopic(arn=arn + "allowed", first_at=world.now, allowed_at=world.now))
    db.session.commit()
    kept, deleted = (save_view(name, "tab=open", None, True, BY, world.now) for name in ("Kept", "Deleted"))
    delete_view(deleted.id, BY, world.now)
    housekeeping.run_housekeeping(world.now + month)
    assert (len(rows(SnsTopic)), len(rows(SavedView))) == (3, 2)
    housekeeping.run_housekeeping(world.now + month + dt.timedelta(seconds=1))
    assert {one.arn.rpartition(":")[2] for one in rows(SnsTopic)} == {"asked", "allowed"}
    assert only(SavedView).id == kept.id


def test_sqlite_knows_the_size_of_what_has_grown(world: World) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL counts automatically
    for _ in range(30):
        world.open()
    assert counted("incidents") == 0
    housekeeping.run_housekeeping(world.now)
    assert counted("incidents") == 30


def counted(table: str) -> int:
    """How many rows SQLite believes that a table has; 0 when it has not looked."""
    connection = db.session.connection()
    has_counted = inspect(connection).has_table("sqlite_stat1")
    query = text("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = :table")
    found = connection.execute(query, {"table": table}).scalar() if has_counted else 0
    db.session.rollback()
    return found or 0


def test_a_demonstration_is_one_for_good_and_the_journal_says_so(world: World) -> None:
    assert instance_setting("is_demonstration") is None
    housekeeping.set_demonstration(world.now)
    assert instance_setting("is_demonstration") is True
    assert only(Entry).event_type == "demonstration.started"


def test_how_late_the_oldest_timer_and_message_are_is_known(world: World) -> None:
    world.department("net", [("duty", 1)], waits=[5])
    world.open("net")
    assert health.backlog(world.now) == health.Backlog(None, 0, 0.0, 1, 0.0)
    world.forward(minutes=6)
    assert health.backlog(world.now) == health.Backlog(None, 1, 60.0, 1, 360.0)
    world.fire()
    world.send()
    assert health.backlog(world.now + dt.timedelta(days=1)) == health.Backlog(None, 0, 0.0, 0, 0.0)


def test_when_the_time_is_put_back_an_hour_messages_and_timers_wait_no_longer_for_it(world: World) -> None:
    net = world.department("net", [("first", 1), ("second", 2)], waits=[5, 5])
    housekeeping.beat(A, 1, world.now)
    world.open("net")
    world.send(DeliveryError("500", permanent=False))
    first_try_at = only(Message).next_attempt_at
    world.forward(hours=-1)
    housekeeping.beat(A, 2, world.now)
    assert only(Message).next_attempt_at - world.now == first_try_at - (world.now + dt.timedelta(hours=1))
    assert json.loads(only(Entry, event_type="clock.set_back").detail)["seconds"] == 3600
    assert last_tick_at(world.now) == world.now
    assert len(world.after(seconds=2)) == 1
    world.after(minutes=5)
    assert only(Notice, department_id=net.id).level == 2
    housekeeping.beat(A, 2, world.now)
    assert len(rows(Entry, event_type="clock.set_back")) == 1


def test_an_attempt_that_was_left_before_the_time_was_put_back_is_made_again_soon(world: World) -> None:
    world.department("net", [("first", 1)])
    housekeeping.beat(A, 1, world.now)
    world.open("net")
    deliver.claim_due(world.now, 32, [], world.post)
    world.forward(hours=-1)
    housekeeping.beat(A, 1, world.now)
    assert len(world.after(seconds=31)) == 1


def test_another_machine_of_the_same_name_whose_time_goes_after_is_no_time_that_was_put_back(world: World) -> None:
    housekeeping.beat(A, 1, world.now)
    housekeeping.beat(B, 1, world.now - dt.timedelta(minutes=5))
    assert rows(Entry, event_type="clock.set_back") == []
    assert len(rows(Heartbeat)) == 2


def test_a_time_that_was_put_back_while_the_machine_was_off_is_noticed_when_it_runs_again(world: World) -> None:
    housekeeping.beat(A, 1, world.now)
    housekeeping.beat(replace(A, boot="3" * 32), 1, world.now - dt.timedelta(hours=1))
    assert len(rows(Entry, event_type="clock.set_back")) == 1


def test_a_node_whose_own_time_is_off_moves_nothing_when_all_go_by_the_time_of_the_database(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[30, 30])
    world.open("net")
    due_at = only(Timer).due_at
    for second in range(5):
        housekeeping.beat(A, 1, world.forward(seconds=second), 0.01)
        housekeeping.beat(B, 1, world.now, -3600.0)
    assert (only(Timer).due_at, rows(Entry, event_type="clock.set_back")) == (due_at, [])
    assert health.clocks_off(world.now) == (ClockOff(A.name, "soc", 0.01), ClockOff(B.name, "soc", -3600.0))
    assert health.clocks_off(world.forward(minutes=1)) == ()


def test_a_database_whose_time_was_put_back_is_noticed_by_one_of_two_nodes_that_look_at_once(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[120, 30])
    world.open("net")
    housekeeping.beat(A, 1, world.now, 0.0)
    housekeeping.beat(B, 1, world.now, 0.0)
    due_at = only(Timer).due_at
    world.forward(hours=-1)
    done = world.at_once(*(partial(housekeeping.beat, node, 1, world.now, 0.0) for node in (A, B, A, B)))
    assert done == [None] * 4
    assert only(Timer).due_at == due_at - dt.timedelta(hours=1)
    assert len(rows(Entry, event_type="clock.set_back")) == 1
