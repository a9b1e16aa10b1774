"""The commands for newcomers."""

import os
import re
import shutil
import subprocess

import pytest

from tests.house.source import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PROMISED = {"help", "setup", "run", "test", "check", "bench", "bench-full", "lock", "clean"}


def make(*arguments: str) -> str:
    if shutil.which("make") is None:
        pytest.skip("make is missing: install it (Debian: apt install make)")
    # A run of these tests by `make test` must not pass its own flags on.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    outcome = subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


def test_make_alone_explains_every_command() -> None:
    shown = set(re.findall(r"^  make ([a-z-]+)", make(), re.MULTILINE))
    assert shown >= PROMISED
    assert make() == make("help")


def test_the_makefile_keeps_to_what_the_make_of_macos_knows() -> None:
    newer = r"^\.ONESHELL|^\.SHELLFLAGS|\$\((?:file|guile) |!=|::=|&:|^\.EXTRA_PREREQS"
    assert re.findall(newer, MAKEFILE, re.MULTILINE) == []


def test_serving_replaces_the_shell_so_that_ctrl_c_reaches_it() -> None:
    assert "exec .venv/bin/incident serve --demo" in make("--dry-run", "run")


def test_ci_runs_what_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = script.read_text("utf-8").splitlines()
    assert {"export CI=true", "make check", "make test"} <= set(commands)
