"""Rules of the project that no linter covers."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.house import source

COMMITS_HERE = "incident/actions/unit_of_work.py"
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")


def calls() -> list[tuple[str, ast.Call]]:
    return [
        (source.shown(path), node)
        for path in source.files("incident")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call)
    ]


def test_one_place_commits() -> None:
    committing = {
        f"{file}:{call.lineno}"
        for file, call in calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit" and file != COMMITS_HERE
    }
    assert committing == set()


def test_floors_and_rooms_are_kept_apart() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"]
    outcome = subprocess.run(command, cwd=source.ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert " 0 broken." in outcome.stdout


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{source.shown(file)}:{number} {line.strip()}"
        for file in source.files("incident", "migrations")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if LEFT_OVER.search(line)
    ]
    assert left == []


def test_no_body_is_a_lone_pass() -> None:
    lone = [
        f"{source.shown(file)}:{node.lineno}"
        for file in source.files("incident")
        for node in ast.walk(source.tree(file))
        if isinstance(node, ast.Pass)
    ]
    assert lone == []


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = []
    for file in source.files("incident"):
        module = source.tree(file)
        if not ast.get_docstring(module):
            silent.append(f"{source.shown(file)}: the file itself")
        for node in module.body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                silent.append(f"{source.shown(file)}:{node.lineno} {node.name}")
    assert silent == []


def test_decisions_are_numbered_once_and_say_their_number() -> None:
    decisions = sorted((source.ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    for path, number in zip(decisions, numbers, strict=True):
        assert path.read_text("utf-8").startswith(f"# {number}. "), path.name
