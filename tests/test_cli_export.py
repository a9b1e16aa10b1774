"""Export of the journal as JSON lines to a file or standard output, each entry once and in order."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.stories.served import INCIDENT
from tests.test_cli import Terminal
from tests.world import World


@pytest.fixture
def written(sqlite_world: World, tmp_path: Path) -> Terminal:
    """A terminal at a home in which something has happened."""
    for number in range(5):
        sqlite_world.department(f"d{number}")
    return Terminal(tmp_path / "home")


def seqs(text: str) -> list[int]:
    return [json.loads(line)["seq"] for line in text.splitlines()]


def test_each_entry_is_a_line_and_after_leaves_out_the_first(written: Terminal) -> None:
    out = written.good("journal", "export")
    assert seqs(out) == [1, 2, 3, 4, 5]
    first = json.loads(out.splitlines()[0])
    assert first.keys() == {"seq", "at", "verb", "actor", "subject", "incident", "hash"}
    assert seqs(written.good("journal", "export", "--after", "3")) == [4, 5]


def test_a_file_goes_on_after_its_last_whole_line(written: Terminal, sqlite_world: World, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    written.good("journal", "export", "--output", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    whole = file.read_text()
    file.write_text(whole + whole.splitlines()[-1][:30])  # as a crash leaves it
    sqlite_world.department("later")
    written.good("journal", "export", "--output", str(file))
    assert seqs(file.read_text()) == [1, 2, 3, 4, 5, 6]
    written.good("journal", "export", "--output", str(file))
    assert seqs(file.read_text()) == [1, 2, 3, 4, 5, 6]


def test_a_file_that_others_could_read_is_private_afterwards(written: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    file.touch()
    file.chmod(0o644)
    written.good("journal", "export", "--output", str(file))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_position_is_kept_for_the_standard_output(written: Terminal, sqlite_world: World, tmp_path: Path) -> None:
    words = ("journal", "export", "--position", str(tmp_path / "position"))
    assert seqs(written.good(*words)) == [1, 2, 3, 4, 5]
    assert written.good(*words) == ""
    sqlite_world.department("later")
    assert seqs(written.good(*words)) == [6]


def test_wrong_use_of_the_export_ends_with_two(written: Terminal, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("no entry\n")
    for words in (
        ("--output", str(other)),
        ("--position", str(other)),
        ("--output", str(tmp_path / "no" / "folder")),
        ("--output", str(tmp_path / "x"), "--position", str(tmp_path / "y")),
    ):
        result = written.type("journal", "export", *words)
        assert (result.exit_code, "error: " in result.output) == (2, True), result.output
    assert other.read_text() == "no entry\n"


def following(terminal: Terminal, *words: str, **more: Any) -> subprocess.Popen[str]:
    command = [*INCIDENT, "journal", "export", "--follow", *words]
    return subprocess.Popen(command, env=os.environ | terminal.environ, text=True, **more)


def wait_for(condition: Any, limit: float = 60.0) -> None:
    ends_at = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < ends_at
        time.sleep(0.05)


def test_who_follows_gets_what_is_entered_and_loses_nothing_by_kill_9(
    written: Terminal, sqlite_world: World, tmp_path: Path
) -> None:
    file = tmp_path / "journal.jsonl"

    def last() -> int:
        found = file.read_text() if file.exists() else ""
        return seqs(found)[-1] if found.endswith("\n") else 0

    for round in range(2):
        process = following(written, "--output", str(file))
        try:
            wait_for(lambda round=round: last() == 5 + round)
            sqlite_world.department(f"later{round}")
            wait_for(lambda round=round: last() == 6 + round)
        finally:
            process.send_signal(signal.SIGKILL if round == 0 else signal.SIGTERM)
            assert process.wait(20) == (-9 if round == 0 else 0)
    assert seqs(file.read_text()) == [1, 2, 3, 4, 5, 6, 7]


def test_a_reader_that_goes_away_ends_it_without_a_traceback(written: Terminal, sqlite_world: World) -> None:
    process = following(written, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    try:
        assert json.loads(process.stdout.readline())["seq"] == 1
        process.stdout.close()
        sqlite_world.department("later")
        assert process.wait(20) == 1
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.stderr.close()
