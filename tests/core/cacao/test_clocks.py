"""Steps that a filing ends (P19): their check, their ends in the engine, and in a simulation."""

import random
from typing import Any

import pytest

from incident.core.cacao import advance, check, export, parse
from incident.core.cacao.engine.effects import OpenTask, StepChanged, effect_to_json
from incident.core.cacao.engine.events import CommandEnded, CommandOutcome
from incident.core.cacao.model import ClockReference
from incident.core.cacao.simulation import Answers, PlannedAnswer, explore, misfits, simulate
from incident.core.cacao.vocabulary import CLOCK_EXTENSION
from incident.core.cacao.words import said
from tests.core.cacao.build import MACHINE, NOW, action, begun, bundle, choice, document, http, manual, of_kind, step_id

CLOCKS = {"cn-cac-cii": ["first", "summary"], "eu-nis2": ["early"]}
REPORT = {"__report__": {"type": "string"}}


def filing(then: str | None = None, clock: Any = None, *commands: Any, **more: Any) -> dict[str, Any]:
    named = {"clock": {"regime": "cn-cac-cii", "stage": "first"} if clock is None else clock}
    return action(then, *commands, step_extensions={CLOCK_EXTENSION: named}, **more)


def playbook(**more: Any) -> dict[str, Any]:
    """A playbook that asks people to report in another way when no deadline runs."""
    return document(
        {
            "file": filing("asked", out_args=["__report__"], name="Report it", **more),
            "asked": choice("__report__:value = 'not_applicable'", "other way", on_completion="end"),
            "other way": action("other end"),
            "other end": None,
            "end": None,
        },
        playbook_variables=REPORT,
    )


def codes(made: dict[str, Any]) -> set[str]:
    return {one.code for one in check(made, clocks=CLOCKS) if one.is_error}


def test_the_task_names_its_clock_and_asks_people_nothing() -> None:
    [task] = of_kind(begun(playbook()), OpenTask)
    assert (task.clock, task.out_variables) == (ClockReference("cn-cac-cii", "first"), {})
    assert effect_to_json(task)["clock"] == {"regime": "cn-cac-cii", "stage": "first"}


@pytest.mark.parametrize(
    ("outcome", "state", "reason", "value"),
    [
        ("succeeded", "succeeded", "", "filed"),
        ("failed", "failed", "clock_waived", "waived"),
        ("not_applicable", "not_applicable", "clock_not_applicable", "not_applicable"),
    ],
)
def test_each_end_has_its_state_its_reason_and_its_result(
    outcome: CommandOutcome, state: str, reason: str, value: str
) -> None:
    made = playbook()
    key = step_id(made, "file")
    event = CommandEnded(key, 1, 0, outcome, {"__report__": "something else"})
    turn = advance(bundle(made), begun(made).run, event, NOW, MACHINE)
    [changed] = [one for one in of_kind(turn, StepChanged) if one.step == key]
    assert (changed.after, changed.reason, turn.run.variables["__report__"]) == (state, reason, value)


def test_not_applicable_goes_on_as_success_does() -> None:
    made = playbook()
    turn = advance(
        bundle(made), begun(made).run, CommandEnded(step_id(made, "file"), 1, 0, "not_applicable"), NOW, MACHINE
    )
    [task] = of_kind(turn, OpenTask)
    assert task.step == step_id(made, "other way")


def test_no_other_step_can_be_not_applicable() -> None:
    made = document({"look": action("end"), "end": None})
    before = begun(made).run
    turn = advance(bundle(made), before, CommandEnded(step_id(made, "look"), 1, 0, "not_applicable"), NOW, MACHINE)
    assert (turn.run, turn.effects) == (before, ())


def test_an_unknown_law_or_report_is_an_error_that_names_the_step_and_what_is_known() -> None:
    for clock, code, known in (
        ({"regime": "cn-cac", "stage": "first"}, "regime_unknown", "cn-cac-cii, eu-nis2"),
        ({"regime": "cn-cac-cii", "stage": "early"}, "stage_unknown", "first, summary"),
    ):
        made = document({"file": filing("end", clock, name="Report it"), "end": None})
        [fault] = [one for one in check(made, clocks=CLOCKS) if one.is_error]
        words, hint = said(fault)
        assert fault.code == code
        assert "“Report it”" in words
        assert hint == f"Use one of: {known}"
        assert codes(made) == {code}
        assert not any(one.is_error for one in check(made))


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (filing("end", None, manual(), manual()), "clock_misplaced"),
        (filing("end", None, http()), "clock_misplaced"),
        (filing("end", out_args=["__report__", "__other__"]), "clock_results"),
        (filing("end", {"regime": "cn-cac-cii"}), "missing_property"),
        (filing("end", {"regime": 7, "stage": "first"}), "wrong_type"),
        (filing("end", "cn-cac-cii"), "wrong_type"),
    ],
)
def test_the_extension_belongs_to_one_command_for_people_with_one_result_at_most(
    step: dict[str, Any], code: str
) -> None:
    variables = {**REPORT, "__other__": {"type": "string"}}
    assert code in codes(document({"file": step, "end": None}, playbook_variables=variables))


def test_a_step_of_another_type_cannot_wait_for_a_filing() -> None:
    extension = {CLOCK_EXTENSION: {"clock": {"regime": "cn-cac-cii", "stage": "first"}}}
    made = document(
        {"if": choice("__a__:value = '1'", "then", on_completion="end", step_extensions=extension), "then": None}
        | {"end": None},
        playbook_variables={"__a__": {"type": "string"}},
    )
    assert codes(made) == {"clock_misplaced"}


def test_an_export_keeps_the_extension() -> None:
    made = playbook()
    kept = export(parse(made))
    assert kept["workflow"][step_id(made, "file")]["step_extensions"] == {
        CLOCK_EXTENSION: {"clock": {"regime": "cn-cac-cii", "stage": "first"}}
    }


def test_every_path_of_a_simulation_counts_filed_waived_unanswered_and_not_applicable() -> None:
    made = playbook()
    found = explore(bundle(made), MACHINE)
    chosen = {one.kind for path in found.paths for one in path.choices if one.step == step_id(made, "file")}
    assert chosen == {"succeeded", "failed", "timed_out", "not_applicable"}
    assert step_id(made, "other way") in found.entered
    [plain] = [path for path in found.paths if not path.end.is_failure]
    assert [one.kind for one in plain.choices] == ["succeeded"]


def test_a_play_takes_not_applicable_as_an_answer_of_such_a_step_only() -> None:
    made = playbook()
    answers = Answers({"Report it": [PlannedAnswer("not_applicable")]}, is_silent=True)
    play = simulate(bundle(made), answers, MACHINE, random.Random(0))
    assert play.values["__report__"] == "not_applicable"
    assert misfits(bundle(made), answers) == []
    other = Answers({step_id(made, "other way"): [PlannedAnswer("not_applicable")]})
    assert misfits(bundle(made), other) == [step_id(made, "other way")]
