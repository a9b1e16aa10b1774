"""The wheel contains everything that runs, without the source tree."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tools import vendor

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return next(place.glob("*.whl"))


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def beneath(folder: str) -> set[str]:
    """Files of a folder of the source tree that belong into the wheel."""
    return {
        file.relative_to(ROOT / folder).as_posix()
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


@pytest.mark.parametrize("folder", ["migrations", "playbooks"])
def test_the_wheel_carries_what_lies_outside_the_package(wheel: Path, folder: str) -> None:
    assert beneath(folder), f"{folder}/ is empty"
    assert {f"incident/_shipped/{folder}/{name}" for name in beneath(folder)} <= names(wheel)


def test_the_wheel_carries_templates_data_styles_and_compiled_catalogues(wheel: Path) -> None:
    carried = names(wheel)
    assert {f"incident/{name}" for name in beneath("incident") if not name.endswith((".po", ".pot"))} <= carried
    assert {f"{vendor.PLACE}/{name}" for name in (*vendor.COPIES.values(), vendor.SPRITE, "LICENSES.txt")} <= carried
    assert "incident/translations/zh_Hans_CN/LC_MESSAGES/messages.mo" in carried


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    strangers = {name for name in names(wheel) if not name.startswith(("incident/", "incident-"))}
    assert strangers == set()
    assert not [name for name in names(wheel) if name.endswith((".po", ".pyc", ".map")) or "/tests/" in name]


def test_the_program_of_the_wheel_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "empty"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True, text=True)
    # This environment lends its libraries; its own path file, which leads to the sources, is not followed from there.
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    found = run(python, "-c", "import incident; print(incident.__file__)", folder=tmp_path)
    assert Path(found.strip()).is_relative_to(packages)
    playbooks = sorted(str(file) for file in (packages / "incident" / "_shipped" / "playbooks").glob("*.y*ml"))
    assert playbooks
    run(environment / "bin" / "incident", "playbook", "lint", *playbooks, folder=tmp_path)


def run(program: Path, *arguments: str, folder: Path) -> str:
    outcome = subprocess.run([str(program), *arguments], cwd=folder, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout
