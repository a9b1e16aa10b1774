"""The shipped playbooks: faultless, bilingual, and ending with any answers."""

import datetime as dt
import random
import re
from pathlib import Path
from typing import Any

import pytest

from incident import data
from incident.config import shipped
from incident.core.cacao import Profile, advance, check, gather, load, parse, start
from incident.core.cacao.engine.effects import CancelTask, CancelTimer, OpenTask, SetTimer
from incident.core.cacao.engine.events import CommandEnded, Outcome, TimerPassed
from incident.core.cacao.engine.readiness import bundle_faults
from incident.core.playbooks.question import listed_words, question_of
from incident.core.values.bilingual import in_language
from tests.house.wording import PRIVATE_WORDS

FOLDER = shipped("playbooks")
FILES = sorted(FOLDER.glob("*.yaml"))
AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
CHINESE = re.compile("[\u4e00-\u9fff]")
NUMBERS = ("3", "250000")
NAMED = re.compile(r":value|\b[a-z]+_[a-z_]+\b|\b[Ss]et \w+ to\b|\bto (?:true|false)\b|填为|填写")
"""Names of variables, and the sentences in which instructions used to set them."""
UNSPOKEN = {"cii"}
SHARED = ("notify-authority", "preserve-evidence", "inform-public")
MAIN = [file for file in FILES if file.stem not in SHARED]
DOCUMENTS = {file: load(file.read_bytes(), "yaml") for file in FILES}
BY_ID = {document["id"]: parse(document) for document in DOCUMENTS.values()}


def document_of(file: Path) -> Any:
    return DOCUMENTS[file]


def answers_to(variable: Any) -> tuple[str, ...]:
    """What people may answer: a text is one of those that its description lists at its end."""
    if variable.get("type") != "string":
        return ("true", "false") if variable["type"] == "bool" else NUMBERS
    return listed_words(variable["description"].split(" / ")[0])


def known_of(document: Any) -> Any:
    return document["playbook_variables"].items()


def steps_of(document: Any, kind: str) -> list[Any]:
    return [step for step in document["workflow"].values() if step["type"] == kind]


def test_there_are_the_playbooks_that_the_readme_lists() -> None:
    listed = re.findall(r"^\| `([a-z-]+\.yaml)`", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == [file.name for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_has_neither_errors_nor_warnings(file: Path) -> None:
    assert check(document_of(file)) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_speaks_english_and_chinese_everywhere(file: Path) -> None:
    document = document_of(file)
    texts = [document["name"], document["description"]]
    texts += [step["name"] for step in document["workflow"].values() if step["type"] != "end" or "name" in step]
    texts += [command["command"] for step in steps_of(document, "action") for command in step["commands"]]
    texts += [variable["description"] for variable in document["playbook_variables"].values()]
    for text in texts:
        assert CHINESE.search(text), text
        assert re.search("[A-Za-z]{3}", text), text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_texts_for_people_name_no_variable_and_no_value(file: Path) -> None:
    document = document_of(file)
    codes = {word for one in document["playbook_variables"].values() for word in coded_words(one)}
    names = {name.strip("_") for name, one in known_of(document)}
    codes |= {name for name in names if "_" in name}
    code = re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(map(re.escape, sorted(codes)))})(?![A-Za-z0-9_-])")
    for text in instructions_of(document):
        english, chinese = in_language(text, "en"), in_language(text, "zh")
        assert not NAMED.search(text), text
        assert not code.search(text), text
        assert not re.search(r"\b(?:true|false)\b", chinese), text
        assert not PRIVATE_WORDS.search(english.replace("the post", "")), text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_answer_is_asked_as_a_question_with_answers_in_words(file: Path) -> None:
    playbook = BY_ID[document_of(file)["id"]]
    for variable in playbook.variables.values():
        for language, mark in (("en", "?"), ("zh", "？")):
            question = question_of(playbook, variable, language)
            assert question.label.endswith(mark), question
            assert question.kind in ("truth", "choice")
            assert all(one.words for one in question.choices), question


def instructions_of(document: Any) -> list[str]:
    """Return the texts of a playbook that people read: names, descriptions and commands."""
    texts = [document["name"], document["description"]]
    texts += [step.get("name", "") for step in document["workflow"].values()]
    return texts + [command["command"] for step in steps_of(document, "action") for command in step["commands"]]


def coded_words(variable: Any) -> tuple[str, ...]:
    """Return the answers of a variable that are no words of their language, such as `personal-data` or `cii`."""
    return tuple(word for word in answers_to(variable) if "-" in word or word in UNSPOKEN)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_decides_has_limits_and_drops_no_failure(file: Path) -> None:
    document = document_of(file)
    assert steps_of(document, "if-condition") or steps_of(document, "switch-condition")
    assert all("timeout" in step for kind in ("action", "playbook-action") for step in steps_of(document, kind))
    assert document["workflow_exception"] in document["workflow"]


@pytest.mark.parametrize("file", MAIN, ids=lambda file: file.stem)
def test_a_main_playbook_calls_shared_ones_answers_the_reporter_and_ends_in_a_review(file: Path) -> None:
    document = document_of(file)
    bundle = gather(parse(document), lambda playbook_id, _: BY_ID.get(playbook_id))
    assert bundle_faults(bundle) == []
    assert len({step["playbook_id"] for step in steps_of(document, "playbook-action")}) >= 2
    named = {step["name"]: document["agent_definitions"][step["agent"]] for step in steps_of(document, "action")}
    assert named["Tell the reporter the outcome / 向举报人反馈处理结果"]["name"] == "report-centre"
    assert "Closing review / 复盘总结" in named


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_lists_the_values_of_each_text_that_it_decides_by(file: Path) -> None:
    document = document_of(file)
    variables = document["playbook_variables"]
    for step in steps_of(document, "switch-condition"):
        listed = set(answers_to(variables[step["switch"].removesuffix(":value")]))
        assert set(step["cases"]) - {"default"} <= listed


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_departments_of_a_shipped_playbook_are_those_of_the_demonstration(file: Path) -> None:
    known = {department["code"] for department in data.demonstration()["departments"]}
    assert {agent["name"] for agent in document_of(file)["agent_definitions"].values()} <= known


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("seed", range(8))
def test_a_shipped_playbook_ends_whatever_people_answer_and_however_late_they_are(file: Path, seed: int) -> None:
    chance = random.Random(seed)
    bundle, profile = gather(parse(document_of(file)), lambda playbook_id, _: BY_ID.get(playbook_id)), Profile()
    texts = {name: answers_to(one) for document in DOCUMENTS.values() for name, one in known_of(document)}
    asked = {name: chance.choice(texts[name]) for name in bundle.main.externals}
    turn = start(bundle, asked, AT, profile)
    tasks: dict[Any, OpenTask] = {}
    timers: dict[Any, SetTimer] = {}
    now, done = AT, 0
    while True:
        for effect in turn.effects:
            match effect:
                case OpenTask():
                    tasks[effect.step, effect.visit, effect.command] = effect
                case CancelTask():
                    tasks.pop((effect.step, effect.visit, effect.command), None)
                case SetTimer():
                    timers[effect.kind, effect.step, effect.visit] = effect
                case CancelTimer():
                    timers.pop((effect.kind, effect.step, effect.visit), None)
        if turn.run.ended_at is not None:
            break
        done += 1
        assert done < 500
        if tasks and chance.random() < 0.8:
            key = chance.choice(sorted(tasks))
            task = tasks.pop(key)
            answers = {name: chance.choice(texts[name]) for name in task.out_variables}
            outcome: Outcome = "failed" if chance.random() < 0.1 else "succeeded"
            turn = advance(bundle, turn.run, CommandEnded(key[0], key[1], key[2], outcome, answers), now, profile)
        else:
            next_key = min(timers, key=lambda key: timers[key].due_at)
            timer = timers.pop(next_key)
            now = max(now, timer.due_at)
            if timer.kind == "timeout":
                tasks = {key: task for key, task in tasks.items() if key[0] != timer.step}
            turn = advance(bundle, turn.run, TimerPassed(timer.kind, timer.step, timer.visit), now, profile)
    assert turn.run.state in {"succeeded", "failed"}
    assert not tasks


def test_the_example_of_the_readme_is_a_playbook_without_a_fault() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.DOTALL)
    assert [fault for fault in check(load(example, "yaml")) if fault.is_error] == []
