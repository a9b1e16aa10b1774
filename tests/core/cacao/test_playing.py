"""A simulated run on the virtual clock: given answers, chance, and order of events."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from incident.core.cacao import StartRefused
from incident.core.cacao.simulation import Answers, PlannedAnswer, Transcript, explore, simulate, strangers
from incident.core.cacao.simulation.samples import Samples
from incident.core.cacao.simulation.transcript import Answered, Changed, Decided, WorkRequested
from tests.core.cacao.build import MACHINE, MACHINE_AGENT, Json, action, bundle, choice, document, http, step_id
from tests.core.cacao.story import VARIABLE, fork, loop, two_ways

HOUR = 3_600_000


def played(made: Json, *called: Json, seed: int = 0, is_silent: bool = False, **answers: Any) -> Transcript:
    by_step = {name: value if isinstance(value, list) else [value] for name, value in answers.items()}
    given = Answers(by_step, is_silent=is_silent)
    return simulate(bundle(made, *called), given, MACHINE, random.Random(seed))


def named(steps: dict[str, Any]) -> Json:
    """A playbook in which each action bears the name that the test knows it by."""
    for key, step in steps.items():
        if step is not None:
            step.setdefault("name", key)
    return document(steps, playbook_variables=VARIABLE)


def entries(play: Transcript, kind: type) -> list[Any]:
    return [entry for entry in play.entries if isinstance(entry, kind)]


def test_a_task_is_asked_with_its_people_and_its_limit() -> None:
    play = played(named({"a": action("e", timeout=HOUR, out_args=["__n__"]), "e": None}), a=PlannedAnswer())
    [asked] = entries(play, WorkRequested)
    assert (asked.title, asked.who, asked.is_machine) == ("a", ("Response",), False)
    assert (asked.at, asked.due) == (timedelta(), timedelta(hours=1))
    assert dict(asked.wanted) == {"__n__": "integer"}
    assert asked.silence.lead == "failed"


def test_an_answer_comes_after_the_time_that_it_takes() -> None:
    answer = PlannedAnswer("succeeded", timedelta(minutes=20), {"__n__": "7"})
    play = played(named({"a": action("e", timeout=HOUR, out_args=["__n__"]), "e": None}), a=answer)
    [answered] = entries(play, Answered)
    assert (answered.at, answered.source, answered.values) == (timedelta(minutes=20), "given", {"__n__": "7"})
    assert play.lasted == timedelta(minutes=20)
    assert play.values == {"__n__": "7"}
    assert play.end.state == "succeeded"


def test_an_answer_that_comes_too_late_is_none() -> None:
    play = played(named({"a": action("e", timeout=HOUR), "e": None}), a=PlannedAnswer("succeeded", timedelta(hours=2)))
    assert entries(play, Answered) == []
    assert (play.end.state, play.end.reason, play.lasted) == ("failed", "timeout", timedelta(hours=1))


def test_nobody_answers_and_every_task_times_out() -> None:
    made = named(two_ways(timeout=HOUR))
    play = played(made, is_silent=True)
    assert [entry.silence.lead for entry in entries(play, WorkRequested)] == ["step", "failed"]
    assert [entry.step for entry in entries(play, Changed)] == [step_id(made, "a"), step_id(made, "f")]
    assert play.lasted == timedelta(hours=25)


def test_machines_do_their_part_while_nobody_answers() -> None:
    made = named({"a": action("b", http(), agent=MACHINE_AGENT), "b": action("e"), "e": None})
    for seed in range(20):
        answered = entries(played(made, seed=seed, is_silent=True), Answered)
        if answered:
            assert {entry.source for entry in answered} == {"drawn"}
            return
    raise AssertionError("no machine has answered")


def test_answers_go_by_visit_and_the_last_one_stays() -> None:
    made = named(loop())
    twice = [
        PlannedAnswer(variables={"__n__": "1"}),
        PlannedAnswer(variables={"__n__": "1"}),
        PlannedAnswer(variables={"__n__": "2"}),
    ]
    play = played(made, a=twice)
    assert [entry.values for entry in entries(play, Answered)] == [{"__n__": "1"}, {"__n__": "1"}, {"__n__": "2"}]
    assert [(entry.way, entry.values["__n__"]) for entry in entries(play, Decided)] == [
        ("true", "0"),
        ("true", "1"),
        ("true", "1"),
        ("false", "2"),
    ]


def test_the_part_of_a_name_in_one_language_names_a_step() -> None:
    made = named({"a": action("e", name="Look / 查看"), "e": None})
    play = simulate(bundle(made), Answers({"查看": [PlannedAnswer("failed")]}), MACHINE, random.Random(0))
    assert play.end.reason == "command_failed"


def test_an_answer_to_no_step_is_found_out() -> None:
    made = named({"a": action("e"), "e": None})
    given = Answers({"a": [PlannedAnswer()], "nowhere": [PlannedAnswer()], step_id(made, "e"): [PlannedAnswer()]})
    assert strangers(bundle(made), given) == ["nowhere", step_id(made, "e")]


def test_the_same_seed_gives_the_same_play_and_another_seed_another() -> None:
    made = named(fork())
    plays = [played(made, seed=seed) for seed in range(8)]
    assert plays[3] == played(made, seed=3)
    assert len({play.lasted for play in plays}) > 1


def test_a_switch_tells_the_value_it_went_by() -> None:
    switch = {"type": "switch-condition", "switch": "__n__:value", "cases": {"1": "x", "default": "y"}}
    made = named(
        {"a": action("s", out_args=["__n__"]), "s": {**switch, "on_completion": "e"}}
        | {"x": None, "y": None, "e": None}
    )
    [decided] = entries(played(made, a=PlannedAnswer(variables={"__n__": "9"})), Decided)
    assert (decided.way, decided.by, decided.values) == ("default", "__n__:value", {"__n__": "9"})


def test_a_called_playbook_that_is_missing_counts_as_a_task() -> None:
    called = document({"x": action("y"), "y": None}, name="Called")
    call = {"type": "playbook-action", "playbook_id": called["id"], "on_completion": "e"}
    made = named({"c": call, "e": None})
    ways = explore(bundle(made), MACHINE)
    assert {way.end.reason for way in ways.failures} == {"command_failed", "timeout"}
    assert played(made, c=PlannedAnswer()).end.state == "succeeded"
    assert {way.end.step.partition("/")[2] for way in explore(bundle(made, called), MACHINE).failures} > {""}


def test_a_value_that_does_not_fit_refuses_the_play() -> None:
    outer = {"__n__": {"type": "integer", "external": True}}
    made = document({"a": action("e"), "e": None}, playbook_variables=outer)
    with pytest.raises(StartRefused):
        simulate(bundle(made), Answers(values={"__n__": "many"}), MACHINE, random.Random(0))
    assert simulate(bundle(made), Answers(), MACHINE, random.Random(0)).start_values == {"__n__": "0"}


def test_a_play_that_does_not_end_is_stopped_and_says_so() -> None:
    answers = Answers({"a": [PlannedAnswer(variables={"__n__": "0"})]})
    patient = replace(MACHINE, while_rounds=1_000_000)
    assert simulate(bundle(named(loop())), answers, patient, random.Random(0)).is_cut


CONDITIONS = [
    ("bool", "__n__:value = true", {"true", "false"}),
    ("integer", "__n__:value >= 3", {"3", "2"}),
    ("integer", "__n__:value > 3 OR __n__:value < 1", {"3", "4"}),
    ("float", "__n__:value <= 0.5", {"0.5", "1.5"}),
    ("string", "__n__:value IN ('clean', 'damaged')", {"clean", "other"}),
    ("string", "__n__:value MATCHES '^[0-9]{3}x$'", {"other", "111x"}),
    ("string", "__n__:value LIKE 'a%z'", {"az", "other"}),
    ("ipv4-addr", "__n__:value ISSUBSET '10.0.0.0/8'", {"10.0.0.0/8", "10.0.0.0/7"}),
]


@pytest.mark.parametrize(("kind", "condition", "values"), CONDITIONS, ids=[one[1] for one in CONDITIONS])
def test_the_values_that_are_tried_are_those_that_a_condition_tells_apart(
    kind: str, condition: str, values: set[str]
) -> None:
    steps = {"a": action("c", out_args=["__n__"]), "c": choice(condition, "x", on_completion="e"), "x": None, "e": None}
    made = document(steps, playbook_variables={"__n__": {"type": kind}})
    assert set(Samples(bundle(made), MACHINE).of("__n__", kind)) == values
    decided = explore(bundle(made), MACHINE)
    assert step_id(made, "x") in decided.entered


def test_being_unknown_is_tried_where_it_makes_a_difference() -> None:
    steps = {
        "a": action("b", out_args=["__n__"]),
        "b": action("e", http("GET /__n__:value HTTP/1.1"), agent=MACHINE_AGENT),
        "e": None,
    }
    made = document(steps, playbook_variables={"__n__": {"type": "string"}})
    assert "variable_unknown" in {way.end.reason for way in explore(bundle(made), MACHINE).failures}


def test_a_playbook_that_is_too_wide_is_told_and_nothing_hangs() -> None:
    made = named(fork())
    ways = explore(bundle(made), MACHINE, limit=3)
    assert not ways.is_whole
    assert ways.turns <= 4
