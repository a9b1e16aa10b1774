"""The source files of the project, for the house tests."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("incident", "tests", "tools", "migrations")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str) -> list[Path]:
    """Python files of the given folders, or of the whole project."""
    found = [file for folder in folders or FOLDERS for file in (ROOT / folder).rglob("*.py")]
    return sorted(file for file in found if "node_modules" not in file.parts)


@cache
def tree(file: Path) -> ast.Module:
    """A file, parsed."""
    return ast.parse(file.read_text("utf-8"), filename=str(file))


def shown(file: Path) -> str:
    """A file's path inside the project."""
    return file.relative_to(ROOT).as_posix()


def functions(file: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    return (node for node in ast.walk(tree(file)) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0
