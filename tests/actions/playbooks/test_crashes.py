"""A run survives crashes before its commit, between commit and effect, and after the effect."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event

from incident.actions.journal import verifying
from incident.actions.playbooks import commands, replaying, run_control, runs, tasks
from incident.store.db.database import db
from incident.store.journal.journal import Entry, head
from incident.store.playbooks.runs import LIVE, Command, Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer
from incident.store.queries.next_due import next_due
from tests.core.cacao.build import uid
from tests.core.cacao.generated import families
from tests.world import BY, World, rows

OUTCOMES = st.sampled_from(["succeeded", "failed"])
VALUES = {"integer": 2, "bool": True, "string": "malware"}
EVENTS_TO_THE_END = 60


class PowerCut(BaseException):
    """The process is gone: nothing catches it."""


def is_get(_kind: str, order: Any) -> bool:
    return str(order["body"]["command"]).startswith("GET")


class Crashes(RuleBasedStateMachine):
    """One run of a generated playbook on a real database, with random process deaths."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.in_flight: list[commands.CommandOrder] = []
        self.notified: list[tuple[int, commands.Outcome]] = []

    @initialize(family=families())
    def start(self, family: tuple[dict[str, Any], dict[str, Any]]) -> None:
        text = json.dumps(family)
        for name in ("Main", "Called"):
            text = text.replace(uid("playbook", name), f"playbook--{uuid.uuid4()}")
        main, called = json.loads(text)
        self.world.playbook(called)
        self.world.playbook(main)
        incident = self.world.open(playbook=main["id"])
        self.run_id = rows(Run, incident_id=incident.id)[0].id

    # ------------------------------------------------------------------------------------------------ state
    def run(self) -> Run:
        return rows(Run, id=self.run_id)[0]

    def tasks(self) -> list[Task]:
        return rows(Task, run_id=self.run_id, state="open")

    def timers(self) -> list[Timer]:
        return rows(Timer, subject_type="run", subject_id=self.run_id, state="pending")

    def commands(self) -> list[Command]:
        return [row for row in rows(Command, run_id=self.run_id) if row.state in {"pending", "sending"}]

    def is_live(self) -> bool:
        return self.run().state in LIVE

    # ------------------------------------------------------------------------------------------------ events
    def answer(self, task: Task, outcome: str) -> None:
        given = {one["name"]: VALUES[one["type"]] for one in task.expects} if outcome == "succeeded" else {}
        tasks.complete_task(task.id, outcome, given, None, BY, self.world.now)

    @precondition(lambda self: self.tasks())
    @rule(which=st.integers(0, 9), outcome=OUTCOMES)
    def a_task_is_ended(self, which: int, outcome: str) -> None:
        self.answer(self.tasks()[which % len(self.tasks())], outcome)

    @rule()
    def commands_are_claimed(self) -> None:
        self.in_flight += commands.claim_commands(self.world.now, 8, is_get)

    @precondition(lambda self: self.in_flight)
    @rule(outcome=OUTCOMES)
    def a_command_ends(self, outcome: str) -> None:
        order = self.in_flight.pop(0)
        ended = commands.Outcome(outcome, {}, "answered")
        commands.record_outcome(order.command_id, ended, self.world.now)
        self.notified.append((order.command_id, ended))

    @precondition(lambda self: self.notified)
    @rule()
    def an_outcome_is_told_twice(self) -> None:
        before = self.run().version
        commands.record_outcome(*self.notified[-1], self.world.now)
        assert self.run().version == before

    @rule()
    def time_passes(self) -> None:
        next_at = next_due().timer_at
        self.world.now = max(self.world.now + dt.timedelta(seconds=1), next_at or self.world.now)
        self.world.fire()

    @precondition(lambda self: self.is_live())
    @rule()
    def it_is_paused_or_goes_on(self) -> None:
        steer = run_control.resume_run if self.run().state == "paused" else run_control.pause_run
        steer(self.run_id, "wait", BY, self.world.now)

    # ------------------------------------------------------------------------------------------------ faults
    @rule()
    def the_process_dies_with_its_commands_in_flight(self) -> None:
        """Between commit and effect, or after the effect and before its outcome is written."""
        self.in_flight.clear()
        db.session.remove()
        self.world.forward(seconds=commands.LEASE.total_seconds() + 1)

    @precondition(lambda self: self.tasks() or self.in_flight)
    @rule(outcome=OUTCOMES)
    def the_process_dies_before_its_commit(self, outcome: str) -> None:
        before = (self.run().document, self.run().version, len(self.tasks()), len(self.timers()), _count())
        if self.tasks():
            self.cut(lambda: self.answer(self.tasks()[0], outcome))
        else:
            ended = commands.Outcome(outcome, {}, "answered")
            self.cut(lambda: commands.record_outcome(self.in_flight[0].command_id, ended, self.world.now))
        assert (self.run().document, self.run().version, len(self.tasks()), len(self.timers()), _count()) == before

    def cut(self, use_case: Callable[[], None]) -> None:
        """Run a use case whose process dies when all is written and nothing is committed."""

        def die(_session: object) -> None:
            raise PowerCut

        event.listen(db.session, "before_commit", die)
        try:
            use_case()
        except PowerCut:
            db.session.remove()
        finally:
            event.remove(db.session, "before_commit", die)

    # ------------------------------------------------------------------------------------------------ invariants
    @invariant()
    def a_live_run_waits_on_something_that_can_happen(self) -> None:
        run = self.run()
        if run.state in LIVE and run.state != "paused":
            assert self.tasks() or self.timers() or self.commands()
        if run.state not in LIVE:
            assert not self.tasks()
            assert not self.timers()

    def teardown(self) -> None:
        if hasattr(self, "run_id"):
            self.to_the_end()
            replayed = replaying.replay_run(self.run_id)
            assert replayed is not None
            assert not replayed.differences
            assert verifying.verify_journal(None).is_intact
        db.session.remove()

    def to_the_end(self) -> None:
        """Let it run undisturbed for a while, then cancel it: no open row may remain."""
        for _ in range(EVENTS_TO_THE_END):
            if not self.is_live():
                break
            if self.run().state == "paused":
                self.it_is_paused_or_goes_on()
            self.commands_are_claimed()
            if self.in_flight:
                self.a_command_ends("succeeded")
            elif self.tasks():
                self.answer(self.tasks()[0], "succeeded")
            else:
                self.time_passes()
        if self.is_live():
            runs.cancel_run(self.run_id, "enough", BY, self.world.now)
        assert [*self.tasks(), *self.timers(), *self.commands()] == []


def _count() -> int:
    kept = head()
    db.session.rollback()
    return kept.count if kept else len(rows(Entry))


@pytest.mark.slow
def test_no_crash_loses_or_doubles_anything_of_a_run(sqlite_world: World) -> None:
    class Here(Crashes):
        world = sqlite_world

    run_state_machine_as_test(Here, settings=settings(max_examples=12, stateful_step_count=20, deadline=None))
