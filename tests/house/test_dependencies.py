"""Declared dependencies are used, and used packages are declared."""

import ast
import importlib.metadata
import re
import sys
import tomllib

from tests.house import source

# Used without an import: named in an address, started as a program, read as data, or by another library (openpyxl).
USED_OTHERWISE = {"psycopg", "pysqlite3", "gunicorn", "tzdata", "defusedxml"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for() -> set[str]:
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    everything = project["dependencies"] + [one for extra in project["optional-dependencies"].values() for one in extra]
    return {normal(re.split(r"[^A-Za-z0-9._-]", entry, maxsplit=1)[0]) for entry in everything}


def imported() -> dict[str, str]:
    """Distribution -> a place that imports it."""
    owners = importlib.metadata.packages_distributions()
    found: dict[str, str] = {}
    for file in [*source.files("incident", "migrations"), *source.ROOT.glob("*.py")]:
        for node in ast.walk(source.tree(file)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            else:
                continue
            for name in names:
                found |= {owner: f"{source.shown(file)}:{node.lineno}" for owner in _owners(name, owners)}
    return found


def _owners(name: str, owners) -> list[str]:
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or top in ("incident", "tests", "tools", "wsgi"):
        return []
    # Two distributions may share a top name (`ruamel`): those that the project asks for come first.
    candidates = [normal(owner) for owner in owners.get(top, [top])]
    return [owner for owner in candidates if owner in asked_for()] or candidates[:1]


def test_every_library_the_program_imports_is_asked_for() -> None:
    assert {name: place for name, place in imported().items() if name not in asked_for()} == {}


def test_every_library_asked_for_is_used() -> None:
    assert asked_for() - imported().keys() - USED_OTHERWISE == set()
