"""`incident playbook simulate`: output in both languages and as JSON, and exit status."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from incident.actions.playbooks.runs import PROFILE
from incident.cli import main
from incident.config import shipped
from incident.core.cacao.vocabulary import ADDRESSED_COMMANDS
from tests.core.cacao.build import action, document

RANSOMWARE = str(shipped("playbooks") / "ransomware.yaml")
HOUR = 3_600_000


def simulate(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, ["playbook", "simulate", *words], env={"LC_ALL": "C.UTF-8"} | environ)


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A playbook that calls another, each in its file."""
    called = document({"x": action("y", timeout=HOUR, name="Call the head"), "y": None}, name="Called")
    call: dict[str, Any] = {"type": "playbook-action", "playbook_id": called["id"], "name": "Tell them"}
    steps = {"a": action("c", timeout=HOUR, name="Look / 查看"), "c": {**call, "on_completion": "e"}, "e": None}
    (tmp_path / "main.json").write_text(json.dumps(document(steps, name="Look and tell")))
    (tmp_path / "called.json").write_text(json.dumps(called))
    return tmp_path


def test_the_play_and_every_failing_way_are_printed() -> None:
    printed = simulate(RANSOMWARE)
    assert printed.exit_code == 0, printed.output
    assert "it-ops: Confirm the encryption" in printed.output
    assert "if no one answers: “Nobody confirmed: decide”" in printed.output
    assert "Paths that fail: " in printed.output
    assert "Paths that succeed" in printed.output


def test_a_chinese_terminal_is_told_in_chinese() -> None:
    printed = simulate(RANSOMWARE, "--nobody-answers", LC_ALL="zh_CN.UTF-8").output
    assert "it-ops：确认是否被加密" in printed
    assert "超时，无人答复" in printed
    assert "Nobody" not in printed


def test_the_same_seed_prints_the_same_and_another_seed_another_play(pair: Path) -> None:
    first, again, other = (simulate(str(pair / "main.json"), "--seed", seed).output for seed in "556")
    assert first == again
    assert first != other


def test_a_called_playbook_beside_the_file_is_played_with_it(pair: Path) -> None:
    assert "Call the head" in simulate(str(pair / "main.json")).output
    alone = simulate(str(pair / "main.json"), "--with", str(pair / "main.json"))
    assert alone.exit_code == 0
    assert "Call the head" not in alone.output
    assert "call_stands_in" in alone.output


def test_answers_come_from_a_file(pair: Path) -> None:
    answers = pair / "answers.yaml"
    answers.write_text("查看: {result: succeeded, after: PT10M}\nCall the head: timed_out\n")
    printed = simulate(str(pair / "main.json"), "--answers", str(answers), "--json")
    play = json.loads(printed.output)["play"]
    assert (play["state"], play["reason"], play["lasted"]) == ("failed", "timeout", "PT1H10M")
    assert [entry["at"] for entry in play["entries"] if entry["entry"] == "answered"] == ["PT10M"]


def test_a_program_gets_every_end_with_its_way(pair: Path) -> None:
    ways = json.loads(simulate(str(pair / "main.json"), "--json").output)["exploration"]
    assert ways["is_whole"]
    assert [end["is_failure"] for end in ways["ends"]] == [True] * 4 + [False]
    assert {(end["name"], end["reason"]) for end in ways["ends"] if end["is_failure"]} == {
        (name, reason) for name in ("Look / 查看", "Call the head") for reason in ("command_failed", "timeout")
    }
    assert [one["what"] for one in ways["ends"][-1]["way"]] == ["succeeded", "succeeded"]


def test_a_bad_playbook_is_a_fault_and_bad_answers_are_wrong_use(pair: Path) -> None:
    (pair / "bad.json").write_text(json.dumps(document({"a": action("nowhere"), "e": None})))
    assert simulate(str(pair / "bad.json")).exit_code == 1
    (pair / "answers.json").write_text(json.dumps({"Nobody knows": "failed"}))
    wrong = simulate(str(pair / "main.json"), "--answers", str(pair / "answers.json"))
    assert (wrong.exit_code, "/answers/Nobody knows" in wrong.output) == (2, True)
    assert simulate(str(pair / "main.json"), "--seed", "-1").exit_code == 2
    assert simulate(str(pair / "missing.json")).exit_code == 2


def test_values_that_the_playbook_does_not_ask_for_are_wrong_use(pair: Path) -> None:
    (pair / "answers.json").write_text(json.dumps({"variables": {"__n__": "3"}}))
    assert simulate(str(pair / "main.json"), "--answers", str(pair / "answers.json")).exit_code == 2


def test_a_folder_of_playbooks_is_linted_as_a_whole() -> None:
    linted = CliRunner().invoke(main, ["playbook", "lint", str(shipped("playbooks"))])
    assert linted.exit_code == 0, linted.output
    assert linted.output.count(": 0 errors, 0 warnings") == len(list(shipped("playbooks").glob("*.yaml")))


def test_the_terminal_takes_the_same_commands_for_a_machines_as_a_run_does() -> None:
    assert PROFILE.executors == ADDRESSED_COMMANDS
