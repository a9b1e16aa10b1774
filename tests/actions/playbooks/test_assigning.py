"""Who does a task, and until when."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from incident.actions.directory import people
from incident.actions.playbooks import assigning
from incident.core.values.faults import RuleError
from incident.store.journal.journal import Entry
from incident.store.playbooks.tasks import Task
from tests.core.cacao.build import action, document, manual
from tests.world import BY, World, only, rows

LOOK = document({"look": action("done", manual("Look."), name="Look", timeout=3_600_000), "done": None}, name="Look")


@pytest.fixture
def task(world: World) -> Task:
    """An open task of nobody in particular, with a limit of an hour."""
    world.playbook(LOOK)
    world.open(playbook=LOOK["id"])
    for role in ("responder", "reader"):
        people.add_person(role, f"A {role}", role, None, None, "en", BY, world.now)
    return only(Task)


def changed(world: World, task: Task, version: int | None = None, **changes: Any) -> Callable[[], Task]:
    return lambda: assigning.change_task(task.id, changes, version, BY, world.now)


def code_of(use_case: Callable[[], object]) -> str:
    with pytest.raises(RuleError) as caught:
        use_case()
    return caught.value.code


def test_a_task_is_given_to_a_person_with_an_earlier_time_and_the_journal_says_both(world: World, task: Task) -> None:
    at = world.now + dt.timedelta(minutes=30)
    changed(world, task, assignee="responder", due_at=at)()
    assert (only(Task).until, only(Task).version) == (at, 2)
    [entry] = [one for one in rows(Entry) if one.event_type == "task.changed"]
    assert '"login":"responder"' in entry.detail.replace(" ", "")
    changed(world, task, assignee=None, due_at=None)()
    assert only(Task).until == only(Task).due_at


def test_the_time_is_not_after_the_limit_of_the_playbook(world: World, task: Task) -> None:
    late = world.now + dt.timedelta(hours=2)
    assert code_of(changed(world, task, due_at=late)) == "task.due_too_late"
    assert only(Task).wanted_at is None


@pytest.mark.parametrize(("login", "code"), [("nobody", "person.unknown"), ("reader", "task.assignee_not_allowed")])
def test_only_who_may_do_a_task_is_given_it(world: World, task: Task, login: str, code: str) -> None:
    assert code_of(changed(world, task, assignee=login)) == code


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(world: World, task: Task) -> None:
    changed(world, task, 1, assignee="responder")()
    assert code_of(changed(world, task, 1, assignee=None)) == "version.stale"


def test_nothing_is_recorded_when_nothing_changes(world: World, task: Task) -> None:
    changed(world, task, assignee=None)()
    assert only(Task).version == 1
