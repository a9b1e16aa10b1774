"""Runs and their tasks: started, advanced, controlled, cancelled, recomputed from the journal."""

import datetime as dt
import json
from functools import partial

import pytest

from incident.actions.playbooks import run_control, runs, tasks
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.actions.playbooks.replaying import replay_run
from incident.actions.unit_of_work import IdempotentRequest, StoredResponse
from incident.core.values.faults import RuleError
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer
from tests.core.cacao.build import action, document, manual, step_id
from tests.world import BY, World, only, rows

VARIABLE = {"__host__": {"type": "string", "value": "", "constant": False, "external": False}}
ASK = document(
    {
        "ask": action("done", manual("which host?"), out_args=["__host__"], timeout=600_000),
        "done": None,
    },
    name="Ask",
    playbook_variables=VARIABLE,
)
ORDERED = document(
    {
        "first": action(None, manual("try"), name="try", on_success="done", on_failure="second"),
        "second": action("done", manual("try otherwise"), name="try otherwise"),
        "done": None,
    },
    name="Ordered",
)
NEEDS = document(
    {"ask": action("done"), "done": None},
    name="Needs",
    playbook_variables={"__who__": {"type": "string", "external": True}},
)


def begin(world: World, made: dict, **values: object) -> Run:
    world.department("net", [("duty", 1)])
    world.playbook(made)
    incident = world.open("net")
    started = runs.start_run(incident.id, made["id"], values, BY, world.now)
    assert isinstance(started, Run)
    return started


def state(run: Run) -> str:
    return only(Run, id=run.id).state


def test_a_run_ends_when_its_tasks_do_and_keeps_what_they_returned(world: World) -> None:
    run = begin(world, ASK)
    assert (run.state, only(Task).due_at) == ("waiting", world.now + dt.timedelta(minutes=10))
    assert only(Task).expects == [{"name": "__host__", "type": "string"}]
    world.complete(1, host="web-1")
    ended = only(Run)
    assert (ended.state, ended.ended_at) == ("succeeded", world.now)
    assert ended.document["values"][""]["__host__"] == "web-1"
    assert (only(Task).state, only(Task).ended_by, only(Incident).status) == ("succeeded", BY, "handling")


def test_a_failed_task_takes_the_way_of_failure(world: World) -> None:
    begin(world, ORDERED)
    world.complete(1, "failed")
    assert [(task.title, task.state) for task in rows(Task)] == [("try", "failed"), ("try otherwise", "open")]


def test_a_task_whose_time_is_up_is_cancelled_and_its_run_moves_on(world: World) -> None:
    run = begin(world, ASK)
    world.forward(minutes=10)
    world.fire()
    assert (only(Task).state, state(run)) == ("cancelled", "failed")
    with pytest.raises(RuleError, match=r"task\.has_ended"):
        world.complete(1)


def test_ending_a_task_cancels_its_timer_so_that_a_late_one_moves_nothing(world: World) -> None:
    begin(world, ORDERED)
    world.complete(1, "failed")
    world.forward(days=2)
    states = {timer.step: timer.state for timer in rows(Timer, subject_type="run")}
    assert states == {step_id(ORDERED, "first"): "cancelled", step_id(ORDERED, "second"): "pending"}
    world.fire()
    assert [(task.title, task.state) for task in rows(Task)] == [("try", "failed"), ("try otherwise", "cancelled")]


def test_of_two_who_end_one_task_at_the_same_moment_one_is_told_that_it_has_ended(world: World) -> None:
    run = begin(world, ASK)
    done = world.at_once(*[partial(world.complete, 1)] * 4)
    assert done.count(None) == 1
    assert {(one.code, one.kind) for one in done if isinstance(one, RuleError)} == {("task.has_ended", "conflict")}
    assert (state(run), len(rows(Entry, event_type="task.completed"))) == ("succeeded", 1)


def test_ending_a_task_while_its_time_runs_out_moves_the_run_once(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(ORDERED)
    for _ in range(4):
        world.open("net", playbook=ORDERED["id"])
        task = rows(Task)[-1]
        world.forward(days=1)
        world.at_once(partial(world.complete, task.id, "failed"), world.fire)
        assert [row.title for row in rows(Task, run_id=task.run_id)] == ["try", "try otherwise"]


def test_a_variable_that_a_task_does_not_return_is_refused_with_its_place(world: World) -> None:
    begin(world, ASK)
    with pytest.raises(PlaybookFaults) as raised:
        world.complete(1, nothing="x")
    assert [(one.code, one.pointer) for one in raised.value.faults] == [("value_not_asked", "/variables/__nothing__")]
    assert only(Task).state == "open"


def test_a_value_of_the_wrong_type_is_refused_and_the_task_stays_open(world: World) -> None:
    begin(world, ASK)
    with pytest.raises(PlaybookFaults):
        world.complete(1, host={"no": "text"})
    assert only(Task).state == "open"


def test_a_task_read_in_an_older_version_is_not_ended(world: World) -> None:
    begin(world, ASK)
    with pytest.raises(RuleError, match=r"version\.stale"):
        tasks.complete_task(1, "succeeded", {}, None, BY, world.now, version=7)
    assert only(Task).state == "open"


def test_a_cancelled_run_leaves_no_task_and_no_timer_and_cannot_be_cancelled_again(world: World) -> None:
    run = begin(world, ASK)
    runs.cancel_run(run.id, "wrong playbook", BY, world.now)
    assert (state(run), only(Task).state) == ("cancelled", "cancelled")
    assert not rows(Timer, state="pending", subject_type="run")
    with pytest.raises(RuleError) as raised:
        runs.cancel_run(run.id, "again", BY, world.now)
    assert (raised.value.code, raised.value.kind) == ("run.has_ended", "conflict")


def test_a_run_keeps_the_version_that_it_started_with(world: World) -> None:
    run = begin(world, ASK)
    newer = document(
        {"other": action("done", manual("something else"), name="something else"), "done": None}, name="Ask"
    )
    newer["modified"] = "2026-02-02T00:00:00.000Z"
    world.playbook(newer)
    world.complete(1, host="web-1")
    assert state(run) == "succeeded"
    again = runs.start_run(1, ASK["id"], {}, BY, world.now)
    assert isinstance(again, Run)
    assert again.pins["main"] != run.pins["main"]
    assert rows(Task)[-1].title == "something else"


def test_a_run_whose_values_are_missing_does_not_start_and_opens_no_incident(world: World) -> None:
    with pytest.raises(PlaybookFaults):
        begin(world, NEEDS)
    assert rows(Run) == []
    with pytest.raises(PlaybookFaults):
        world.open("net", playbook=NEEDS["id"])
    assert len(rows(Incident)) == 1
    assert runs.start_run(1, NEEDS["id"], {"__who__": "net"}, BY, world.now).state == "waiting"


def test_of_several_that_start_the_same_at_once_one_does_and_the_others_are_told(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(ASK)
    incident = world.open("net")
    start = partial(runs.start_run, incident.id, ASK["id"], {}, BY, world.now)
    made = world.at_once(*[start] * 6)
    assert len(rows(Run)) == 1
    refused = [one for one in made if isinstance(one, RuleError)]
    assert {(one.code, one.kind, one.pointer) for one in refused} == {("run.is_started", "conflict", "/playbook")}
    assert len(refused) == 5


def test_a_second_start_that_is_meant_is_carried_out(world: World) -> None:
    started = begin(world, NEEDS, __who__="net")
    again = partial(runs.start_run, started.incident_id, NEEDS["id"])
    with pytest.raises(RuleError, match=r"run\.is_started"):
        again({"__who__": "net"}, BY, world.forward(seconds=9))
    again({"__who__": "web"}, BY, world.now)
    key = IdempotentRequest("token:1", "k", b"x", lambda made: StoredResponse(201, str(made.id)), world.ring)
    again({"__who__": "net"}, BY, world.now, key)
    again({"__who__": "net"}, BY, world.forward(seconds=10))
    assert [run.given["__who__"] for run in rows(Run)] == ["net", "web", "net", "net"]


def test_no_run_starts_on_a_closed_incident(world: World) -> None:
    run = begin(world, ASK)
    world.close(only(Incident), "over")
    with pytest.raises(RuleError) as raised:
        runs.start_run(1, ASK["id"], {}, BY, world.now)
    assert (raised.value.code, raised.value.kind, state(run)) == ("incident.is_closed", "conflict", "cancelled")


def test_a_paused_run_stands_still_and_has_what_was_left_of_its_time_afterwards(world: World) -> None:
    run = begin(world, ASK)
    world.forward(minutes=4)
    run_control.pause_run(run.id, "wait for the lawyers", BY, world.now)
    world.forward(hours=5)
    assert [one for one in rows(Timer, state="pending", subject_type="run") if one.due_at <= world.now] == []
    world.fire()
    assert (state(run), only(Task).state) == ("paused", "open")
    run_control.resume_run(run.id, "go on", BY, world.now)
    assert only(Task).due_at == only(Timer, state="pending", kind="timeout").due_at
    world.forward(minutes=5, seconds=59)
    world.fire()
    assert state(run) == "waiting"
    world.forward(seconds=1)
    world.fire()
    assert state(run) == "failed"


def test_a_step_that_failed_is_done_again_by_a_coordinator_and_the_run_lives(world: World) -> None:
    run = begin(world, ASK)
    world.complete(1, "failed")
    assert state(run) == "failed"
    run_control.retry_step(run.id, step_id(ASK, "ask"), "the host was found", BY, world.now)
    assert [(task.visit, task.state) for task in rows(Task)] == [(1, "failed"), (2, "open")]
    world.complete(2, host="web-1")
    assert state(run) == "succeeded"


def test_a_step_is_overridden_with_a_reason_that_the_journal_keeps(world: World) -> None:
    run = begin(world, ASK)
    step = step_id(ASK, "ask")
    run_control.override_step(run.id, step, "succeeded", {"__host__": "web-2"}, "known already", BY, world.now)
    assert (state(run), only(Task).state) == ("succeeded", "cancelled")
    assert json.loads(only(Entry, event_type="step.overridden").detail)["reason"] == "known already"


@pytest.mark.parametrize(
    ("control", "code"),
    [
        (lambda run, world: run_control.retry_step(run.id, step_id(ASK, "ask"), "x", BY, world.now), "step.not_failed"),
        (lambda run, world: run_control.retry_step(run.id, "action--none", "x", BY, world.now), "step.unknown"),
        (lambda run, world: run_control.resume_run(run.id, "x", BY, world.now), "run.not_paused"),
        (
            lambda run, world: run_control.override_step(
                run.id, step_id(ASK, "start"), "failed", {}, "x", BY, world.now
            ),
            "step.not_overridable",
        ),
        (lambda run, world: run_control.pause_run(99, "x", BY, world.now), "run.unknown"),
    ],
)
def test_an_unsuitable_control_is_refused_with_a_reason_and_leaves_no_entry(world: World, control, code: str) -> None:
    run = begin(world, ASK)
    entries = len(rows(Entry))
    with pytest.raises(RuleError) as raised:
        control(run, world)
    assert raised.value.code == code
    assert (len(rows(Entry)), state(run)) == (entries, "waiting")


def test_a_run_computed_anew_from_the_journal_is_the_one_that_is_kept(world: World) -> None:
    run = begin(world, ASK)
    world.forward(minutes=1)
    run_control.pause_run(run.id, "wait", BY, world.now)
    world.forward(minutes=1)
    run_control.resume_run(run.id, "go", BY, world.now)
    world.complete(1, "failed")
    run_control.retry_step(run.id, step_id(ASK, "ask"), "again", BY, world.now)
    world.forward(minutes=10)
    world.fire()
    replayed = replay_run(run.id)
    assert replayed is not None
    assert list(replayed.differences) == []
    assert len(replayed.turns) == 6
    assert replay_run(99) is None
