"""Variables of a task become questions with suitable answers."""

from typing import Any

import pytest

from incident.core.cacao import parse
from incident.core.cacao.engine.effects import OpenTask
from incident.core.playbooks.question import AnswerChoice, Question, answers_of, listed_words, question_of, questions_of
from tests.core.cacao.build import Json, action, begun, bundle, choice, document, manual, of_kind

BACKUPS = "State of the backups: clean, damaged or none / 备份状态：clean（完好）、damaged（受损）或 none（没有）"


def made(variable: Json, **steps: Any) -> Json:
    """Return a playbook with one variable, `__v__`."""
    first = action(next(iter(steps), "end"), manual(), out_args=["__v__"])
    return document({"ask": first, **steps, "end": None}, playbook_variables={"__v__": variable})


def asked(playbook: Json, language: str = "en") -> Question:
    parsed = parse(playbook)
    return question_of(parsed, parsed.variables["__v__"], language)


def switch(*cases: str) -> Json:
    """Return the steps of a switch on the variable; each case has its own end."""
    ways = {case: f"end_{case}" for case in cases}
    looks = {"type": "switch-condition", "switch": "__v__:value", "cases": ways, "on_completion": "end"}
    return {"look": looks} | dict.fromkeys(ways.values())


def test_a_truth_is_asked_by_its_description_in_the_readers_language() -> None:
    playbook = made({"type": "bool", "description": "Is it still spreading? / 是否仍在扩散？"})
    assert asked(playbook) == Question("__v__", "bool", "truth", "Is it still spreading?")
    assert asked(playbook, "zh_Hans_CN").label == "是否仍在扩散？"


def test_words_that_a_description_lists_are_the_only_choices() -> None:
    found = asked(made({"type": "string", "description": BACKUPS}), "zh_Hans_CN")
    assert (found.kind, found.label, found.is_open) == ("choice", "备份状态", False)
    assert found.choices == (
        AnswerChoice("clean", "完好"),
        AnswerChoice("damaged", "受损"),
        AnswerChoice("none", "没有"),
    )
    assert [one.words for one in asked(made({"type": "string", "description": BACKUPS})).choices] == ["", "", ""]


def test_a_list_with_meanings_after_a_question_is_asked_by_its_meanings() -> None:
    described = "What came? post (a letter, or a parcel) or chat (a message) / 收到什么？post（信件）或 chat（消息）"
    variable = {"type": "string", "description": described}
    found, chinese = asked(made(variable)), asked(made(variable), "zh_Hans_CN")
    assert (found.label, chinese.label) == ("What came?", "收到什么？")
    assert [(one.value, one.shown) for one in found.choices] == [
        ("post", "A letter, or a parcel"),
        ("chat", "A message"),
    ]
    assert [one.shown for one in chinese.choices] == ["信件", "消息"]
    assert not found.is_open


def test_words_that_conditions_compare_with_leave_room_for_others() -> None:
    steps = {
        "look": choice("__v__:value = 'mail' OR __v__:value IN ('post', 'chat')", "yes", on_completion="end"),
        "yes": None,
    }
    found = asked(made({"type": "string"}, **steps))
    assert {one.value for one in found.choices} == {"mail", "post", "chat"}
    assert found.is_open


@pytest.mark.parametrize(("cases", "is_open"), [(("red", "blue"), False), (("red", "default"), True)])
def test_a_switch_without_a_default_allows_no_other_word(cases: tuple[str, ...], is_open: bool) -> None:
    found = asked(made({"type": "string"}, **switch(*cases)))
    assert [one.value for one in found.choices] == [one for one in cases if one != "default"]
    assert found.is_open is is_open


def test_a_string_that_nothing_compares_is_free_text() -> None:
    assert asked(made({"type": "string", "description": "File name of the note"})).kind == "text"


@pytest.mark.parametrize(("kind", "asks"), [("integer", "whole"), ("float", "number"), ("ipv4-addr", "text")])
def test_a_number_is_asked_as_a_number(kind: str, asks: str) -> None:
    assert asked(made({"type": kind})).kind == asks


def test_a_number_shows_its_unit_behind_it() -> None:
    found = asked(made({"type": "integer", "description": "How long was it open (hours)? / 开放了多久（小时）？"}))
    assert (found.label, found.unit) == ("How long was it open?", "hours")


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ("What it is: gambling, fraud or nothing", ("gambling", "fraud", "nothing")),
        ("a or b", ("a", "b")),
        ("What came? post (a letter, or a parcel) or chat", ("post", "chat")),
        ("Right: copyright, goods, or personal-data?", ("copyright", "goods", "personal-data")),
        ("Is it one or the other thing", ()),
        ("Note: see the file", ()),
        ("", ()),
    ],
)
def test_a_list_is_read_off_the_end_of_a_description(description: str, words: tuple[str, ...]) -> None:
    assert listed_words(description) == words


def test_what_a_variable_holds_already_is_offered() -> None:
    playbook = made({"type": "string", "description": BACKUPS, "value": "damaged"})
    turn = begun(playbook)
    task = of_kind(turn, OpenTask)[0]
    [found] = questions_of(bundle(playbook), turn.run, task.step, task.out_variables.items(), "en")
    assert (found.label, found.value) == ("State of the backups", "damaged")


def test_the_answers_of_a_run_are_said_in_words_without_those_that_are_open() -> None:
    variables = {
        "__v__": {"type": "string", "description": BACKUPS, "value": "damaged"},
        "__t__": {"type": "bool", "description": "Is it so? / 是否如此？", "value": "false"},
        "__open__": {"type": "bool", "description": "Open? / 未答？"},
        "__fixed__": {"type": "string", "value": "x", "constant": True},
    }
    playbook = document({"ask": action("end", manual(), out_args=["__v__"]), "end": None}, playbook_variables=variables)
    run = begun(playbook).run
    found = answers_of(parse(playbook), run, "zh_Hans_CN")
    assert [(question.label, answer) for question, answer in found] == [("备份状态", "受损"), ("是否如此？", "false")]


def test_a_called_playbook_asks_by_its_own_variables_and_those_of_its_steps() -> None:
    own = action(
        "end", manual(), out_args=["__v__"], step_variables={"__v__": {"type": "bool", "description": "Inner?"}}
    )
    inner = document({"ask": own, "end": None}, "Inner", playbook_variables={"__v__": {"type": "string"}})
    call = {"type": "playbook-action", "playbook_id": inner["id"], "on_completion": "end"}
    outer = document(
        {"call": call, "end": None}, playbook_variables={"__v__": {"type": "bool", "description": "Outer?"}}
    )
    turn = begun(outer, inner)
    task = of_kind(turn, OpenTask)[0]
    [found] = questions_of(bundle(outer, inner), turn.run, task.step, task.out_variables.items(), "en")
    assert (found.label, found.kind) == ("Inner?", "truth")


def test_a_step_that_the_run_does_not_know_is_asked_by_name() -> None:
    turn = begun(made({"type": "bool"}))
    [found] = questions_of(bundle(made({"type": "bool"})), turn.run, "action--gone", [("__v__", "bool")], "en")
    assert found == Question("__v__", "bool", "truth")
