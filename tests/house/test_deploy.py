"""Deployment files: their commands, options and settings exist; units meet the program's requirements."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from incident.cli import main
from tests.house import source

DEPLOY = source.ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PROGRAM = "/opt/incident/.venv/bin/incident"
DEMANDED = ("UMask=0077", "StateDirectoryMode=0700", "User=incident", "Environment=INCIDENT_HOME=/var/lib/incident")
HARDENED = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=",
)


def _yaml(path: Path) -> dict:
    return YAML(typ="safe").load(path.read_text("utf-8"))


def _dockerfile(instruction: str) -> list[str]:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    return re.findall(r'"([^"]+)"', re.findall(rf"^{instruction} (\[.*\])", text, re.MULTILINE)[-1])


def _commands() -> list[list[str]]:
    """Arguments of every call of the program in the files."""
    calls = []
    for unit in UNITS:
        for line in re.findall(rf"{PROGRAM} ([^'\n]*)", unit.read_text("utf-8")):
            calls.append(re.sub(r"\$\$\(.*?\)", "X", line).split())
    calls.append([*_dockerfile("ENTRYPOINT")[1:], *_dockerfile("CMD")])
    calls.append(_yaml(DEPLOY / "compose.yaml")["services"]["incident"]["command"])
    page = (source.ROOT / "docs" / "deploy.md").read_text("utf-8")
    calls += [shlex.split(line) for line in re.findall(r"(?:exec incident|bin/incident) incident ([^`\n]+)", page)]
    calls += [shlex.split(line) for line in re.findall(rf"{PROGRAM} ([^`\n]+)", page)]
    return calls


def test_every_command_and_option_exists() -> None:
    calls = _commands()
    assert {call[0] for call in calls} >= {"serve", "work", "backup", "check"}
    for call in calls:
        context = click.Context(main, **main.context_settings)  # a command keeps the options that it is first asked for
        command = main.get_command(context, call[0])
        assert command is not None, call
        command.make_context(call[0], call[1:], parent=context)  # raises for an option that is not there


def test_every_setting_exists() -> None:
    settings = (source.ROOT / "docs" / "settings.md").read_text("utf-8")
    for file in DEPLOY.iterdir():
        named = set(re.findall(r"INCIDENT_[A-Z_]+", file.read_text("utf-8")))
        assert [name for name in sorted(named) if f"`{name}`" not in settings] == [], file.name


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_demand_the_file_modes_of_the_program_and_are_hardened(unit: Path) -> None:
    lines = unit.read_text("utf-8").splitlines()
    assert [one for one in (*DEMANDED, *HARDENED) if one not in lines] == []


@pytest.mark.parametrize("unit", [*UNITS, DEPLOY / "incident-backup.timer"], ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_in_a_unit(unit: Path, tmp_path: Path) -> None:
    sections = re.findall(r"^\[(\w+)\]$", unit.read_text("utf-8"), re.MULTILINE)
    assert sections[0] == "Unit"
    assert set(sections) <= {"Unit", "Service", "Timer", "Install"}
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing: install it (Debian: apt install systemd)")
    for one in [*UNITS, *DEPLOY.glob("*.timer")]:
        (tmp_path / one.name).write_text(one.read_text("utf-8").replace(PROGRAM, "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if unit.name in line]
    assert ours == []


def test_compose_runs_on_sqlite_and_takes_postgresql_by_a_profile() -> None:
    services = _yaml(DEPLOY / "compose.yaml")["services"]
    assert "profiles" not in services["incident"]
    assert services["incident"]["environment"]["INCIDENT_DATABASE_URL"] == "${INCIDENT_DATABASE_URL:-}"
    assert services["postgres"]["profiles"] == ["postgres"]
    assert services["incident"]["depends_on"]["postgres"]["required"] is False


def test_the_image_has_a_private_home_and_a_user_of_its_own() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert "install -d -m 0700 -o incident -g incident /var/lib/incident" in text
    assert text.index("USER incident") < text.index("ENTRYPOINT")
    for copied in re.findall(r"^COPY (?!--)(\S+) \S+$", text, re.MULTILINE):
        assert (source.ROOT / copied).exists(), copied


def test_hooks_run_every_part_of_make_check_and_fetch_nothing() -> None:
    [repository] = _yaml(source.ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    parts = re.findall(r"^check: ([a-z -]+?) ##", (source.ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[0]
    assert [hook["entry"] for hook in repository["hooks"]] == [f"make {part}" for part in parts.split()]


def test_the_workflow_of_the_forge_calls_the_script_of_ci() -> None:
    [job] = _yaml(source.ROOT / ".github" / "workflows" / "check.yml")["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
