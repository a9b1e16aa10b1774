"""Documentation: links, named files, functions and settings exist; the index is complete."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from incident.database_limits import DatabaseLimits, setting_of
from tests.house import source
from tests.house.wording import PRIVATE_WORDS

PAGES = sorted([*source.ROOT.glob("*.md"), *(source.ROOT / "docs").rglob("*.md"), *source.ROOT.glob("playbooks/*.md")])
TREES = ("incident", "tests", "docs", "tools", "requirements", "migrations", "playbooks", "deploy")
LAYERS = ("core", "store", "actions", "web", "jobs", "cli", "channels", "executors", "formats", "sources", "outgoing")
SETTING = re.compile(r"\bINCIDENT_[A-Z][A-Z_]*[A-Z]\b")
INTERNAL = {"INCIDENT_HANDED_OVER", "INCIDENT_TRIAL"}
"""Variables that one process sets for the next; not for operators."""

NAMES = [page.relative_to(source.ROOT).as_posix() for page in PAGES]


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", head.lower()).replace(" ", "-") for head in heads}


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@cache
def _defined(file: Path) -> set[str]:
    """Classes, functions, methods and names of a module."""
    found = {node.name for node in ast.walk(source.tree(file)) if isinstance(node, ast.ClassDef | source.Function)}
    for node in source.tree(file).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_heading_that_exist(name: str) -> None:
    page = source.ROOT / name
    broken = []
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", _without_code(page.read_text("utf-8"))):
        file = (page.parent / target) if target else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            broken.append(f"{target}#{anchor}" if anchor else target)
    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_a_page_names_exists(name: str) -> None:
    missing = []
    for named in re.findall(r"`([^`\n]+)`", (source.ROOT / name).read_text("utf-8")):
        path = named.partition("::")[0]
        if re.fullmatch(rf"({'|'.join(TREES)})/[\w./-]+\.\w+", path) and not (source.ROOT / path).exists():
            missing.append(path)
        if re.fullmatch(rf"({'|'.join(LAYERS)})/[\w./-]+\.py", path) and not (source.ROOT / "incident" / path).exists():
            missing.append(path)
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_function_that_a_page_names_with_its_file_exists(name: str) -> None:
    missing = []
    for path, function in re.findall(r"`([\w/]+\.py)::([\w.]+)`", (source.ROOT / name).read_text("utf-8")):
        file = source.ROOT / path
        if not file.exists() or function.split(".")[-1] not in _defined(file):
            missing.append(f"{path}::{function}")
    assert missing == []


def test_the_index_lists_every_page_of_the_documentation() -> None:
    index = (source.ROOT / "docs" / "index.md").read_text("utf-8")
    linked = {(source.ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^)#:\s]+)", index)}
    missing = [page.name for page in PAGES if page.name != "index.md" and page.resolve() not in linked]
    assert missing == []


def test_the_page_of_settings_lists_every_setting_and_no_other() -> None:
    listed = set(SETTING.findall((source.ROOT / "docs" / "settings.md").read_text("utf-8")))
    read = {found for file in source.files("incident") for found in SETTING.findall(file.read_text("utf-8"))}
    limits = {setting_of(limit) for limit in vars(DatabaseLimits())}
    assert listed == (read | limits) - INTERNAL


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_that_a_page_names_is_listed(name: str) -> None:
    listed = set(SETTING.findall((source.ROOT / "docs" / "settings.md").read_text("utf-8")))
    named = set(SETTING.findall((source.ROOT / name).read_text("utf-8")))
    assert named - listed == set()


def test_the_changelog_has_the_sections_of_keep_a_changelog() -> None:
    text = (source.ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "[Unreleased]"
    assert re.findall(r"^### (.+)$", text, re.MULTILINE)[:4] == ["Added", "Changed", "Fixed", "Security"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "docs/glossary.md"])
def test_pages_are_written_in_plain_words(name: str) -> None:
    bad = []
    for number, line in enumerate((source.ROOT / name).read_text("utf-8").splitlines(), start=1):
        prose = re.sub(r"`[^`]*`|\"[^\"]*\"|\*[^*]+\*", "", line)  # code and texts on screen are quoted as they are
        bad += [f"{number}: {found.group()}" for found in PRIVATE_WORDS.finditer(prose)]
    assert bad == []
