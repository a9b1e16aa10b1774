"""The first run: steps that are skipped and taken up again, and sets of departments."""

import pytest

from incident.actions.directory import departments, first_run
from incident.core.values.faults import RuleError
from incident.store.directory.departments import list_departments
from incident.store.journal.journal import Entry
from tests.world import BY, World, rows

NAMED = {"duty-office": "Duty office", "it-ops": "Information centre"}


def test_a_step_is_skipped_once_and_taken_up_again(world: World) -> None:
    for _ in range(2):
        first_run.mark_step("drill", "skipped", BY, world.now)
    assert first_run.marked_steps() == {"drill": "skipped"}
    first_run.mark_step("language", "done", BY, world.now)
    for _ in range(2):
        first_run.mark_step("drill", None, BY, world.now)
    assert first_run.marked_steps() == {"language": "done"}
    assert len([one for one in rows(Entry) if one.event_type == "setup.step_marked"]) == 3


def test_an_unknown_step_is_refused(sqlite_world: World) -> None:
    with pytest.raises(RuleError) as refused:
        first_run.mark_step("x", "skipped", BY, sqlite_world.now)
    assert refused.value.code == "setup.step_unknown"


def test_a_set_adds_the_departments_that_are_missing_and_two_clicks_add_them_once(world: World) -> None:
    departments.add_department("it-ops", "Our own name", None, BY, world.now)
    added = world.at_once(*[lambda: first_run.add_department_set(NAMED, "Asia/Shanghai", BY, world.now)] * 2)
    assert sorted(added) == [0, 1]
    found = {one.code: (one.name, one.timezone) for one in list_departments()}
    assert found == {"duty-office": ("Duty office", "Asia/Shanghai"), "it-ops": ("Our own name", "UTC")}
