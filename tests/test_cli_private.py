"""No other user of the machine can read the program's files, and no start continues if one can."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from incident.config import SettingsError, shipped
from tests.stories.served import free_port
from tests.test_cli import Terminal

OPEN_MASK = 0o022


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home that has been migrated."""
    return Terminal(tmp_path / "home")


def modes(folder: Path) -> set[int]:
    """The permissions of a folder and all in it."""
    return {path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def refused(terminal: Terminal, said: str, hint: str, **environ: str) -> None:
    """`check` and the serving commands print the same, and nothing is served."""
    for words in (("check",), ("serve", "--port", str(free_port())), ("work",)):
        ended = terminal.type(*words, **environ)
        assert ended.exit_code == 1, ended.output
        assert said in ended.output
        assert f"hint: {hint}" in ended.output


def test_whatever_the_umask_of_the_shell_is_a_new_home_is_for_its_user_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    environ = os.environ | {"INCIDENT_HOME": str(home)}
    for words in (("token", "create", "--name", "x", "--role", "reader"), ("certificate", "key"), ("keys", "rotate")):
        command = [sys.executable, "-m", "incident.cli", *words]
        subprocess.run(command, env=environ, check=True, umask=OPEN_MASK, capture_output=True, timeout=60)
    assert {path.name for path in home.iterdir()} >= {"incident.db", "keys.json", "certificate.key"}
    assert modes(home) <= {0o700, 0o600}


def test_a_home_that_others_can_read_is_refused_until_the_hint_is_followed(terminal: Terminal) -> None:
    terminal.home.chmod(0o755)
    (terminal.home / "incident.db").chmod(0o644)
    refused(terminal, f"others may read {terminal.home} (755)", f"chmod -R go= {terminal.home}")
    subprocess.run(["chmod", "-R", "go=", terminal.home], check=True)
    assert "others may read" not in terminal.type("check").output


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
@pytest.mark.parametrize("name", ["incident.db", "keys.json", "wake"])
def test_each_file_in_it_counts(terminal: Terminal, name: str, mode: int) -> None:
    path = terminal.home / name
    path.mkdir(exist_ok=True) if name == "wake" else path.touch()
    path.chmod(mode)
    refused(terminal, f"{path} ({mode:o})", f"chmod -R go= {terminal.home}")
    path.chmod(0o700 if name == "wake" else 0o600)
    (terminal.home / "calendars").mkdir(mode=0o755)
    (terminal.home / "calendars" / "china.json").symlink_to("/etc/hostname")
    assert "others may read" not in terminal.type("check").output


def test_files_that_settings_name_elsewhere_count_too(terminal: Terminal, tmp_path: Path) -> None:
    shared = tmp_path / "elsewhere"
    shared.mkdir()
    for name in ("keys.json", "incident.db"):
        shutil.copy(terminal.home / name, shared / name)
    (shared / "certificate.key").touch()
    for name, path, setting in (
        ("INCIDENT_KEYS_FILE", shared / "keys.json", str(shared / "keys.json")),
        ("INCIDENT_CERTIFICATE_KEY_FILE", shared / "certificate.key", str(shared / "certificate.key")),
        ("INCIDENT_DATABASE_URL", shared / "incident.db", f"sqlite:///{shared / 'incident.db'}"),
    ):
        path.chmod(0o644)
        refused(terminal, f"{name}: others may read {path} (644)", f"chmod 600 {path}", **{name: setting})
        path.chmod(0o600 if name == "INCIDENT_DATABASE_URL" else 0o640)
        assert "others may read" not in terminal.type("check", **{name: setting}).output


def test_a_server_of_ones_own_does_not_start_on_it_either(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_HOME", str(terminal.home))
    terminal.home.chmod(0o750)
    with pytest.raises(SettingsError):
        runpy.run_path(str(shipped("migrations").parent / "wsgi.py"))
