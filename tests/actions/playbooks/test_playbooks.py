"""Adding playbooks: versions, repeated content, refusals."""

import copy
from functools import partial

import pytest

from incident.actions.playbooks import playbooks
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.journal.journal import Entry
from incident.store.playbooks.playbooks import Playbook, current_playbook, list_playbooks
from tests.core.cacao.build import action, document
from tests.world import BY, World, only, rows

LOOK = document({"look": action("done"), "done": None}, name="Look")


def newer(modified: str, name: str = "Look") -> dict:
    made = copy.deepcopy(LOOK)
    made["modified"], made["name"] = modified, name
    return made


def test_the_same_content_again_is_the_same_version(world: World) -> None:
    assert world.playbook(LOOK).id == world.playbook(copy.deepcopy(LOOK)).id
    assert (len(rows(Playbook)), len(rows(Entry, event_type="playbook.added"))) == (1, 1)


def test_another_content_under_the_same_version_is_refused(world: World) -> None:
    world.playbook(LOOK)
    with pytest.raises(RuleError) as raised:
        world.playbook(newer(LOOK["modified"], "Look twice"))
    assert (raised.value.code, raised.value.kind) == ("playbook.version_exists", "conflict")


def test_the_newest_version_is_the_one_that_was_modified_last_whichever_came_last(world: World) -> None:
    world.playbook(newer("2026-03-01T00:00:00.000Z", "Newest"))
    world.playbook(LOOK)
    current = current_playbook(LOOK["id"])
    assert current is not None
    assert current.name == "Newest"
    assert [row.name for row in list_playbooks(Viewer("administrator"))] == ["Newest"]


def test_a_bad_playbook_is_refused_with_every_fault_and_nothing_is_kept(world: World) -> None:
    bad = copy.deepcopy(LOOK)
    del bad["created_by"]
    bad["workflow_start"] = "start--00000000-0000-4000-8000-000000000000"
    with pytest.raises(PlaybookFaults) as raised:
        world.playbook(bad)
    assert len([fault for fault in raised.value.faults if fault.is_error]) >= 2
    assert rows(Playbook) == []


def test_the_same_playbook_many_times_at_the_same_moment_is_added_once(world: World) -> None:
    done = world.at_once(*[partial(playbooks.add_playbook, LOOK, BY, world.now)] * 4)
    assert {one.id for one in done} == {only(Playbook).id}
    assert len(rows(Entry, event_type="playbook.added")) == 1
