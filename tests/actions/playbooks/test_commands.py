"""Machine commands: claimed, completed, and recovered after the death of a process (P13, P14)."""

import datetime as dt
from functools import partial

import pytest

from incident.actions.playbooks import commands
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task
from tests.core.cacao.build import MACHINE_AGENT, action, document, http
from tests.world import World, only, rows

BLOCK = document(
    {
        "block": action("done", http(), agent=MACHINE_AGENT, timeout=600_000, name="Block it", out_args=["__ticket__"]),
        "done": None,
    },
    name="Block",
    playbook_variables={"__ticket__": {"type": "string", "value": ""}},
)
DONE = commands.Outcome("succeeded", {"__ticket__": "T-1"}, "200 OK")


def is_never(_kind: str, _order: object) -> bool:
    return False


def is_always(_kind: str, _order: object) -> bool:
    return True


@pytest.fixture
def blocking(world: World) -> World:
    """A world in which a run waits for a machine."""
    world.department("net", [("duty", 1)])
    world.playbook(BLOCK)
    world.open("net", playbook=BLOCK["id"])
    return world


def begin(world: World, is_repeatable=is_never) -> list[commands.CommandOrder]:
    return commands.claim_commands(world.now, 8, is_repeatable)


def test_a_command_is_claimed_once_and_its_outcome_turns_the_run(blocking: World) -> None:
    (order,) = begin(blocking)
    assert (order.kind, order.order["body"]["command"]) == ("http-api", "POST /block HTTP/1.1")
    assert begin(blocking) == []
    commands.record_outcome(order.command_id, DONE, blocking.now)
    assert (only(Run).state, only(Run).document["values"][""]["__ticket__"]) == ("succeeded", "T-1")
    assert (only(Command).state, only(Command).outcome) == ("ended", "succeeded")
    assert only(Entry, event_type="command.ended").incident == "INC-2026-000001"


def test_a_failed_command_fails_its_step_at_once(blocking: World) -> None:
    (order,) = begin(blocking)
    commands.record_outcome(order.command_id, commands.Outcome("failed", {}, "503"), blocking.now)
    assert (only(Run).state, only(Command).detail) == ("failed", "503")


def test_an_outcome_told_twice_turns_the_run_once(blocking: World) -> None:
    (order,) = begin(blocking)
    commands.record_outcome(order.command_id, DONE, blocking.now)
    entries = len(rows(Entry))
    commands.record_outcome(order.command_id, commands.Outcome("failed", {}, "late"), blocking.now)
    assert (len(rows(Entry)), only(Run).state) == (entries, "succeeded")


def test_what_may_be_done_twice_is_sent_again_after_a_crash(blocking: World) -> None:
    (lost,) = begin(blocking)
    blocking.now += commands.LEASE - dt.timedelta(seconds=1)
    assert begin(blocking, is_always) == []
    blocking.forward(seconds=1)
    (again,) = begin(blocking, is_always)
    assert (again.command_id, only(Command).attempts, rows(Task)) == (lost.command_id, 2, [])


def crash(world: World) -> None:
    begin(world)
    world.now += commands.LEASE
    assert begin(world) == []


def test_what_may_not_be_done_twice_becomes_a_task_that_its_department_is_told(blocking: World) -> None:
    crash(blocking)
    task = only(Task)
    assert (task.state, task.department_id, task.shown_command) == ("open", 1, "POST /block HTTP/1.1")
    assert task.due_at == only(Run).started_at + dt.timedelta(minutes=10)
    assert [message.type for message in rows(Message)] == ["notice.created", "task.created"]
    assert (only(Command).state, only(Run).state) == ("ended", "running")
    blocking.complete(task.id, ticket="T-2")
    assert (only(Run).state, only(Run).document["values"][""]["__ticket__"]) == ("succeeded", "T-2")


def test_the_task_that_asks_goes_when_the_time_of_its_step_is_up(blocking: World) -> None:
    crash(blocking)
    blocking.forward(minutes=10)
    blocking.fire()
    assert (only(Task).state, only(Run).state) == ("cancelled", "failed")


def test_the_task_that_asks_goes_when_its_run_is_cancelled(blocking: World) -> None:
    crash(blocking)
    blocking.close(only(Incident), "over")
    assert (only(Task).state, only(Run).state) == ("cancelled", "cancelled")


def test_a_command_whose_time_is_up_is_not_sent_and_its_late_outcome_changes_nothing(blocking: World) -> None:
    (order,) = begin(blocking)
    blocking.forward(minutes=10)
    blocking.fire()
    assert (only(Command).state, only(Run).state) == ("cancelled", "failed")
    commands.record_outcome(order.command_id, DONE, blocking.now)
    assert (only(Command).state, only(Run).state) == ("cancelled", "failed")


def test_two_processes_never_carry_out_the_same_command(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(BLOCK)
    for _ in range(6):
        world.open("net", playbook=BLOCK["id"])
    done = world.at_once(*[partial(begin, world)] * 4)
    claimed = [order.command_id for one in done for order in one]
    assert sorted(claimed) == [1, 2, 3, 4, 5, 6]


def test_two_processes_that_find_the_same_lost_command_ask_people_once(blocking: World) -> None:
    begin(blocking)
    blocking.now += commands.LEASE
    done = blocking.at_once(*[partial(begin, blocking)] * 4)
    assert done == [[]] * 4
    assert len(rows(Task)) == 1
