"""Every shipped playbook, simulated to every end, with the playbooks that it calls."""

import random
from functools import cache
from pathlib import Path

import pytest

from incident.actions.playbooks.runs import PROFILE
from incident.config import shipped
from incident.core.cacao import Playbook, PlaybookBundle, gather, load, parse
from incident.core.cacao.simulation import Answers, PlannedAnswer, RunPath, RunPaths, explore, playable, simulate

FILES = sorted(shipped("playbooks").glob("*.yaml"))

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@cache
def library() -> dict[str, Playbook]:
    read = (parse(load(file.read_bytes(), "yaml")) for file in FILES)
    return {playbook.id: playbook for playbook in read}


@cache
def bundle_of(file: Path) -> PlaybookBundle:
    own = load(file.read_bytes(), "yaml")["id"]
    return gather(library()[own], lambda playbook_id, version: library().get(playbook_id))


@cache
def paths_of(file: Path) -> RunPaths:
    return explore(bundle_of(file), PROFILE)


@every_file
def test_a_shipped_playbook_can_be_looked_at_to_every_end(file: Path) -> None:
    paths = paths_of(file)
    assert paths.is_whole
    assert any(not way.end.is_failure for way in paths.paths)
    assert all(way.choices for way in paths.paths)


@every_file
def test_some_way_enters_every_step_of_a_shipped_playbook(file: Path) -> None:
    assert set(bundle_of(file).main.steps) - paths_of(file).entered == set()


@every_file
def test_the_playbooks_that_a_shipped_one_calls_are_shipped_too(file: Path) -> None:
    assert playable(bundle_of(file))[1] == []


@every_file
def test_a_failure_of_a_shipped_playbook_is_handled_by_somebody(file: Path) -> None:
    """Every failure without a handler goes to workflow_exception, and only there may a run end failed."""
    for way in paths_of(file).failures:
        assert way.end.is_handled or way.end.handler_step, way


@every_file
def test_the_ways_of_a_shipped_playbook_end_as_they_say_when_they_are_played(file: Path) -> None:
    for way in paths_of(file).paths:
        if all(choice.step.rpartition("/")[2].startswith("action--") for choice in way.choices):
            assert simulate(bundle_of(file), answers_of(way), PROFILE, random.Random(0)).end == way.end


def answers_of(way: RunPath) -> Answers:
    found: dict[str, list[PlannedAnswer]] = {}
    for choice in way.choices:
        assert choice.kind in ("succeeded", "failed", "timed_out")
        found.setdefault(choice.step, []).append(PlannedAnswer(choice.kind, variables=choice.values))
    return Answers(found)


@every_file
def test_a_shipped_playbook_ends_where_it_was_seen_to_end(file: Path) -> None:
    known = {way.end for way in paths_of(file).paths}
    for seed in range(6):
        play = simulate(bundle_of(file), Answers(is_silent=seed == 0), PROFILE, random.Random(seed))
        assert not play.is_cut
        assert play.end in known
