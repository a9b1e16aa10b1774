"""Faults that prevent the start are reported in the words of `incident check`, never by a traceback."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from incident.store.db.revision import newest
from tests import receivers
from tests.disks import small_disk, spoil
from tests.stories.served import free_port
from tests.test_cli import Terminal

PORT = str(free_port())
"""Not the usual one, on which the program may be running here."""

STARTS = (("serve", "--port", PORT), ("work",), ("journal", "verify"))


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home with a migrated database and its key ring."""
    made = Terminal(tmp_path / "home")
    made.good("token", "create", "--name", "x", "--role", "reader")
    return made


def refused(terminal: Terminal, *words: str, **environ: str) -> str:
    """The output of a command that must not start; `check` prints the same."""
    result = terminal.type(*words, **environ)
    assert result.exit_code == 1, result.output
    assert "hint: " in result.stderr
    assert "Traceback" not in result.output
    checked = terminal.type("check", **environ)
    assert checked.exit_code == 1
    for line in result.stderr.splitlines():
        assert line in checked.output
    return result.stderr


@pytest.mark.parametrize("words", [("serve", "--port", PORT), ("work",)])
def test_a_broken_key_ring_is_told(terminal: Terminal, words: tuple[str, ...]) -> None:
    (terminal.home / "keys.json").write_text("{")
    assert "key ring" in refused(terminal, *words)


@pytest.mark.parametrize("words", STARTS)
def test_a_database_of_a_newer_version_is_told_with_its_schema_and_ours(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    from incident.config import shipped

    with sqlite3.connect(terminal.home / "incident.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '20990101_0000'")
    connection.close()
    said = refused(terminal, *words)
    assert "20990101_0000" in said
    assert str(newest(shipped("migrations"))) in said


@pytest.mark.parametrize("words", STARTS)
def test_a_database_from_before_the_first_release_is_refused_in_one_sentence(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    with sqlite3.connect(terminal.home / "incident.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0028'")
    connection.close()
    said = refused(terminal, *words)
    assert "at schema 0028, which a version from before the first release has written" in said
    assert "start this one with an empty database" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("words", STARTS)
def test_a_database_that_does_not_answer_is_told(terminal: Terminal, words: tuple[str, ...]) -> None:
    url = f"postgresql+psycopg://u:hidden@127.0.0.1:{receivers.closed_port()}/x"
    said = refused(terminal, *words, INCIDENT_DATABASE_URL=url)
    assert "does not answer" in said
    assert "hidden" not in said


def test_a_home_that_is_no_folder_is_told(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be made" in refused(terminal, "serve", "--port", PORT, INCIDENT_HOME=str(tmp_path / "file"))


def test_a_home_that_nobody_may_write_to_is_told(terminal: Terminal, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        home = disk.folder / "home"
        shutil.copytree(terminal.home, home)
        disk.allow("ro")
        for words in STARTS:
            assert "is not writable" in refused(terminal, *words, INCIDENT_HOME=str(home))
        assert "is not writable" in refused(terminal, "serve", "--port", PORT, INCIDENT_HOME=str(disk.folder / "home"))
        disk.allow("rw")


def test_a_home_without_room_is_told(terminal: Terminal, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        home = disk.folder / "home"
        home.mkdir()
        disk.fill()
        result = terminal.type("serve", "--port", PORT, INCIDENT_HOME=str(home))
        assert result.exit_code == 1
        assert "hint: Make room" in result.stderr
        assert "Traceback" not in result.output


def test_a_damaged_database_is_told_by_check_and_by_every_command(terminal: Terminal) -> None:
    spoil(terminal.home)
    assert "the database is damaged" in terminal.type("check").output
    assert "the database is damaged" in refused(terminal, "journal", "verify").lower()
    (terminal.home / "incident.db").write_bytes(b"This is no database at all." * 400)
    assert "the database is damaged" in refused(terminal, "journal", "verify")


def test_check_finds_damage_that_no_start_looks_at(terminal: Terminal) -> None:
    with sqlite3.connect(terminal.home / "incident.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'incidents'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with (terminal.home / "incident.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    said = terminal.type("check")
    assert said.exit_code == 1
    assert "the database is damaged" in said.output
