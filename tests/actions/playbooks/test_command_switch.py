"""The switch that stops all machine commands: what waits is kept, what runs ends, what people do goes on."""

import datetime as dt
from threading import Event, Timer

import pytest

from incident.actions.playbooks import command_switch as switch
from incident.actions.playbooks import commands
from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.playbooks.command_switch import (
    command_switch,
    count_running_commands,
    count_waiting_commands,
    lock_for_claims,
)
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task
from tests.actions.playbooks.test_commands import BLOCK, DONE, is_always, is_never
from tests.world import BY, World, only, rows

OTHER = "person:2:Wang Fang"


@pytest.fixture
def blocking(world: World) -> World:
    """A world in which a run waits for a machine."""
    world.department("net", [("duty", 1)])
    world.playbook(BLOCK)
    world.open("net", playbook=BLOCK["id"])
    return world


def claim(world: World, is_repeatable=is_never) -> list[commands.CommandOrder]:
    return commands.claim_commands(world.now, 8, is_repeatable)


def test_what_waits_during_a_stop_is_performed_once_it_is_lifted(blocking: World) -> None:
    stopped = switch.stop_commands("The firewall answers wrongly", BY, blocking.now)
    for _ in range(3):
        assert claim(blocking) == []
        blocking.forward(minutes=1)
    assert (only(Command).state, only(Run).state, rows(Task)) == ("pending", "running", [])
    switch.resume_commands(stopped.version, OTHER, blocking.now)
    (order,) = claim(blocking)
    commands.record_outcome(order.command_id, DONE, blocking.now)
    assert only(Run).state == "succeeded"


def test_a_command_that_runs_when_the_stop_comes_ends_and_turns_its_run(blocking: World) -> None:
    (order,) = claim(blocking)
    switch.stop_commands("Stop", BY, blocking.now)
    assert (count_waiting_commands(), count_running_commands()) == (0, 1)
    commands.renew_leases([order.command_id], blocking.now)
    commands.record_outcome(order.command_id, DONE, blocking.now)
    assert only(Run).state == "succeeded"


def test_what_people_must_do_becomes_a_task_during_a_stop_as_well(blocking: World) -> None:
    claim(blocking)
    switch.stop_commands("Stop", BY, blocking.now)
    blocking.now += commands.LEASE
    assert claim(blocking) == []
    assert only(Task).state == "open"


def test_what_a_dead_process_left_is_not_repeated_during_a_stop(blocking: World) -> None:
    claim(blocking)
    switch.stop_commands("Stop", BY, blocking.now)
    blocking.now += commands.LEASE
    assert claim(blocking, is_always) == []
    switch.resume_commands(None, BY, blocking.now)
    blocking.now += commands.HELD_FOR
    assert len(claim(blocking, is_always)) == 1


def test_a_time_limit_that_passes_during_a_stop_ends_its_step(blocking: World) -> None:
    switch.stop_commands("Stop", BY, blocking.now)
    claim(blocking)
    blocking.forward(minutes=10)
    blocking.fire()
    assert (only(Command).state, only(Run).state) == ("cancelled", "failed")


def test_the_switch_says_who_when_and_why_and_the_journal_keeps_it(world: World) -> None:
    switch.stop_commands("  The firewall answers wrongly ", BY, world.now)
    found = command_switch()
    assert (found.is_stopped, found.by, found.at) == (True, BY, world.now)
    assert found.reason == "The firewall answers wrongly"
    switch.resume_commands(found.version, OTHER, world.now + dt.timedelta(hours=1))
    assert not command_switch().is_stopped
    kept = [one.event_type for one in rows(Entry) if one.subject == "machine_commands"]
    assert kept == ["command.all_stopped", "command.all_resumed"]


def test_a_second_stop_and_a_second_resume_change_nothing(world: World) -> None:
    first = switch.stop_commands("First", BY, world.now)
    assert switch.stop_commands("Second", OTHER, world.now) == first
    again = switch.resume_commands(first.version, OTHER, world.now)
    assert switch.resume_commands(first.version, OTHER, world.now) == again
    assert len([one for one in rows(Entry) if one.subject == "machine_commands"]) == 2


def test_nobody_lifts_a_stop_that_they_have_not_seen(world: World) -> None:
    first = switch.stop_commands("First", BY, world.now)
    switch.resume_commands(first.version, BY, world.now)
    switch.stop_commands("Another reason", OTHER, world.now)
    with pytest.raises(RuleError) as refused:
        switch.resume_commands(first.version, BY, world.now)
    assert refused.value.code == "version.stale"
    db.session.rollback()
    assert command_switch().is_stopped


@pytest.mark.parametrize(("reason", "code"), [("  ", "command.stop_reason_missing"), ("x" * 501, "text.too_long")])
def test_a_stop_needs_a_reason(sqlite_world: World, reason: str, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        switch.stop_commands(reason, BY, sqlite_world.now)
    assert (refused.value.code, refused.value.pointer) == (code, "/reason")
    assert not command_switch().is_stopped


def test_of_claims_and_a_stop_at_one_moment_each_command_is_claimed_once_or_waits(blocking: World) -> None:
    for _ in range(5):
        blocking.open("net", playbook=BLOCK["id"])

    def stop() -> list[commands.CommandOrder]:
        switch.stop_commands("Stop", BY, blocking.now)
        return []

    def claim_two() -> list[commands.CommandOrder]:
        return commands.claim_commands(blocking.now, 2, is_never)

    found = blocking.at_once(claim_two, stop, claim_two)
    claimed = [order.command_id for orders in found for order in orders]
    assert len(set(claimed)) == len(claimed)
    assert (count_running_commands(), count_waiting_commands()) == (len(claimed), 6 - len(claimed))
    assert claim(blocking) == []
    switch.resume_commands(None, BY, blocking.now)
    rest = [order.command_id for order in claim(blocking)]
    assert sorted(claimed + rest) == sorted(row.id for row in rows(Command))


def test_a_stop_waits_for_the_claim_that_is_under_way_and_every_later_claim_sees_it(blocking: World) -> None:
    entered, may_end = Event(), Event()

    def slow_claim() -> bool:
        with transaction(commands.EXECUTOR, blocking.now):
            seen = lock_for_claims().is_stopped
            entered.set()
            may_end.wait(10)
        return seen

    def stop() -> bool:
        entered.wait(10)
        Timer(0.2, may_end.set).start()
        switch.stop_commands("Stop", BY, blocking.now)
        return may_end.is_set()

    assert blocking.at_once(slow_claim, stop) == [False, True]
    assert claim(blocking) == []
