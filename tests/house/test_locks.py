"""The lock files: every package pinned with its hash, and no dependency on one registry."""

import json
import re
import subprocess
import tomllib

import pytest

from tests.house.source import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return {normal(package): version for package, version in PIN.findall(text)}


def named(requirement: str) -> str:
    return normal(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", [*LOCKS, ROOT / "package-lock.json", ROOT / ".npmrc"], ids=lambda file: file.name)
def test_no_lock_file_names_an_address(file) -> None:
    text = file.read_text("utf-8")
    assert re.findall(r"\w+://|--(?:extra-)?index|--find-links|resolved\"|registry=", text) == []


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.name)
def test_every_package_is_pinned_with_its_hashes(file) -> None:
    for block in re.split(r"\n(?=\S)", file.read_text("utf-8").strip()):
        if not block.startswith("#"):
            assert PIN.match(block), block
            assert "--hash=sha256:" in block, block


def test_every_front_end_package_has_its_checksum_and_its_exact_version() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_development_runs_the_very_versions_that_serve() -> None:
    serving, developing = pins("run.txt"), pins("develop.txt")
    assert {name: version for name, version in serving.items() if developing.get(name) != version} == {}
    assert {name: version for name, version in pins("documents.txt").items() if developing.get(name) != version} == {}


def test_the_locks_hold_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    optional = project["project"]["optional-dependencies"]
    asked = project["project"]["dependencies"] + optional["postgres"]
    developing = [entry for entry in project["dependency-groups"]["develop"] if isinstance(entry, str)]
    assert {named(entry) for entry in asked} <= pins("run.txt").keys()
    assert {named(entry) for entry in optional["documents"]} <= pins("documents.txt").keys()
    assert {named(entry) for entry in developing} <= pins("develop.txt").keys()


def test_no_third_party_source_and_no_compiled_catalogue_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this copy has no git history: clone it")
    bad = [
        name for name in listed.stdout.splitlines() if re.search(r"/vendor/|node_modules/|\.mo$|^uv\.lock$|^var/", name)
    ]
    assert bad == []
