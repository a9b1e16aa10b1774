"""Allowed ssh targets; commands to other targets become tasks."""

import datetime as dt
import json
from typing import Any

import pytest

from incident.actions.playbooks import commands, run_control, secrets, ssh_targets
from incident.actions.playbooks.runs import PROFILE
from incident.core.playbooks.task import NO_KEY, NOT_ALLOWED
from incident.core.values.faults import RuleError
from incident.executors import ExecutorContext, registry
from incident.outgoing import Outgoing
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.ssh_targets import AllowedTarget, list_targets
from incident.store.playbooks.tasks import Task
from tests.core.cacao.build import action, document
from tests.core.playbooks.test_ssh_target import ED25519, FINGERPRINT
from tests.world import BY, World, only, rows

HOST = "ssh--33333333-3333-4333-8333-333333333333"
SHELL = {"type": "ssh", "command": "isolate __minutes__:value"}


def isolating(kind: str = "ssh", **more: Any) -> dict[str, Any]:
    step = action(
        "done",
        SHELL | {"type": kind},
        agent=HOST,
        timeout=600_000,
        name="Isolate it",
        description="Cut it off.",
        **more,
    )
    made = document(
        {"isolate": step, "done": None},
        name="Isolate",
        playbook_variables={"__minutes__": {"type": "integer", "value": "30"}, "__ok__": {"type": "string"}},
    )
    made["agent_definitions"][HOST] = {"type": "ssh", "name": "gate", "address": {"dname": ["gate.example"]}}
    return made


@pytest.fixture
def isolate(world: World) -> World:
    """A world in which a run waits for a command by ssh on gate.example."""
    world.department("net", [("duty", 1)])
    playbook = isolating(out_args=["__ok__"])
    world.playbook(playbook)
    world.open("net", playbook=playbook["id"])
    return world


def allow(world: World, user: str = "isolate", **more: Any) -> AllowedTarget:
    facts: dict[str, Any] = {
        "host": "Gate.example",
        "port": 22,
        "secret_name": "gate-key",
        "host_key": f"gate {ED25519}",
    } | more
    return ssh_targets.allow_target(user=user, by=BY, now=world.now, **facts)


def begin(world: World) -> list[commands.CommandOrder]:
    return commands.claim_commands(world.now, 8, lambda kind, order: False)


def test_what_the_profile_promises_has_an_executor() -> None:
    means = ExecutorContext(Outgoing(), lambda name, place: "", lambda host, port: ())
    assert PROFILE.executors == registry(means).keys()


def test_a_place_is_allowed_once_and_the_journal_says_by_whom(world: World) -> None:
    row = allow(world)
    assert (row.host, row.host_keys, row.allowed_by) == ("gate.example", [ED25519], BY)
    entry = only(Entry, event_type="target.allowed")
    assert (entry.actor, json.loads(entry.detail)["host_keys"]) == (BY, [FINGERPRINT])
    with pytest.raises(RuleError) as refused:
        allow(world)
    assert (refused.value.code, refused.value.kind) == ("target.exists", "conflict")
    assert allow(world, user="root").id != row.id


def test_two_who_allow_the_same_place_at_once_make_one_row(world: World) -> None:
    done = world.at_once(lambda: allow(world), lambda: allow(world))
    assert sorted(type(one).__name__ for one in done) == ["AllowedTarget", "RuleError"]
    assert len(rows(AllowedTarget)) == 1


def test_a_place_that_is_withdrawn_is_gone(world: World) -> None:
    row = allow(world)
    ssh_targets.withdraw_target(row.id, BY, world.now)
    assert list_targets() == []
    assert json.loads(only(Entry, event_type="target.withdrawn").detail)["host"] == "gate.example"
    with pytest.raises(RuleError, match=r"target\.unknown"):
        ssh_targets.withdraw_target(row.id, BY, world.now)


def test_a_command_for_a_place_that_nobody_allowed_becomes_a_task_that_shows_it(isolate: World) -> None:
    assert begin(isolate) == []
    task = only(Task)
    assert (task.title, task.why, task.shown_command) == ("Isolate it", NOT_ALLOWED, "isolate '30'")
    assert (task.instructions, task.agent, task.state) == ("Cut it off.", "gate", "open")
    assert task.due_at == isolate.now + dt.timedelta(minutes=10)
    assert task.expects == [{"name": "__ok__", "type": "string"}]
    assert (only(Command).state, only(Command).detail) == ("ended", NOT_ALLOWED)
    assert [row.type for row in rows(Message)] == ["notice.created", "task.created"]
    isolate.complete(task.id, ok="yes")
    assert (only(Run).state, only(Run).document["values"][""]["__ok__"]) == ("succeeded", "yes")


def test_the_message_of_such_a_task_says_why(isolate: World) -> None:
    begin(isolate)
    sent = [one.message for one in isolate.send() if one.message.type == "task.created"]
    assert "Isolate it (do this manually: ssh is not allowed to the target)" in sent[0].text
    assert sent[0].data["task"]["why"] == NOT_ALLOWED


def test_without_a_deposited_key_it_becomes_a_task_and_with_one_a_machine_does_it(isolate: World) -> None:
    allow(isolate)
    assert begin(isolate) == []
    assert only(Task).why == NO_KEY
    secrets.set_secret("gate-key", "KEY", ["ssh"], isolate.ring, BY, isolate.now)
    isolate.approve(isolating())
    isolate.open("net", playbook=isolating()["id"])
    (order,) = begin(isolate)
    assert (order.kind, order.left) == ("ssh", 600.0)


def test_bash_on_a_target_follows_the_same_rule(world: World) -> None:
    world.playbook(isolating("bash"))
    world.open(playbook=isolating("bash")["id"])
    assert begin(world) == []
    assert only(Task).why == NOT_ALLOWED


def test_what_is_left_of_the_step_counts_from_the_claim_and_not_while_the_run_is_paused(isolate: World) -> None:
    allow(isolate)
    secrets.set_secret("gate-key", "KEY", ["ssh"], isolate.ring, BY, isolate.now)
    isolate.forward(minutes=4)
    run_control.pause_run(only(Run).id, "wait", BY, isolate.now)
    isolate.forward(hours=3)
    (order,) = begin(isolate)
    assert order.left == 360.0


def test_the_time_of_a_step_around_it_counts_too(world: World) -> None:
    inner = action("end", SHELL, agent=HOST, timeout=600_000)
    made = document(
        {
            "both": {"type": "parallel", "next_steps": ["isolate", "ask"], "timeout": 60_000, "on_completion": "done"},
            "isolate": inner,
            "end": None,
            "ask": action("asked"),
            "asked": None,
            "done": None,
        },
        name="Within",
        playbook_variables={"__minutes__": {"type": "integer", "value": "30"}},
    )
    made["agent_definitions"][HOST] = {"type": "ssh", "name": "gate", "address": {"dname": ["gate.example"]}}
    allow(world)
    secrets.set_secret("gate-key", "KEY", ["ssh"], world.ring, BY, world.now)
    world.playbook(made)
    world.approve(made)
    world.open(playbook=made["id"])
    world.forward(seconds=15)
    (order,) = begin(world)
    assert order.left == 45.0


def test_a_command_whose_time_is_over_is_left_to_its_timer(isolate: World) -> None:
    allow(isolate)
    secrets.set_secret("gate-key", "KEY", ["ssh"], isolate.ring, BY, isolate.now)
    isolate.forward(minutes=10)
    assert (begin(isolate), rows(Task)) == ([], [])
    isolate.fire()
    assert (only(Command).state, only(Run).state) == ("cancelled", "failed")


def test_a_command_that_is_still_in_hand_is_not_taken_up_by_another_process(isolate: World) -> None:
    allow(isolate)
    secrets.set_secret("gate-key", "KEY", ["ssh"], isolate.ring, BY, isolate.now)
    (order,) = begin(isolate)
    for _ in range(10):
        isolate.forward(seconds=20)
        commands.renew_leases([order.command_id], isolate.now)
        assert begin(isolate) == []
    assert rows(Task) == []
    isolate.now += commands.LEASE
    assert begin(isolate) == []
    assert only(Task).why == "command.unsure"
    commands.renew_leases([order.command_id], isolate.now)
    assert only(Command).state == "ended"


def test_a_failure_by_the_time_limit_leaves_it_to_the_timer_to_say_so(isolate: World) -> None:
    allow(isolate)
    secrets.set_secret("gate-key", "KEY", ["ssh"], isolate.ring, BY, isolate.now)
    (order,) = begin(isolate)
    isolate.forward(minutes=10)
    commands.record_outcome(order.command_id, commands.Outcome("failed", {}, "no end within 600 s"), isolate.now)
    assert (only(Command).state, only(Run).state) == ("ended", "running")
    isolate.fire()
    assert "timed_out" in {record[1] for record in only(Run).document["steps"].values()}
    commands.record_outcome(order.command_id, commands.Outcome("succeeded", {}, "late"), isolate.now)
    assert only(Run).state == "failed"
