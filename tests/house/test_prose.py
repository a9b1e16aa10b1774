"""Docstrings and comments in plain technical English."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import source
from tests.house.wording import FUSED_FORMS, PRIVATE_WORDS

MAX_WORDS = 20
LAYERS = ("incident", "tests", "tools")
CODE = re.compile(r"`[^`]*`|\"[^\"]*\"|^\s+\w+: ", re.MULTILINE)
"""Quoted code and texts, and the names of arguments, which are as they are."""


def docstrings(file: Path) -> Iterator[tuple[int, str]]:
    """Docstrings of a module, its classes, functions and attributes, each with its line."""
    for node in ast.walk(source.tree(file)):
        for statement in getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                value = statement.value.value
                if isinstance(value, str):
                    yield statement.lineno, value


def comments(file: Path) -> Iterator[tuple[int, str]]:
    """Comments of a file, each with its line."""
    for token in tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.mark.parametrize("layer", LAYERS)
def test_the_first_line_of_a_docstring_is_short(layer: str) -> None:
    long = [
        f"{source.shown(file)}:{line} {text.splitlines()[0]}"
        for file in source.files(layer)
        for line, text in docstrings(file)
        if len(text.strip().splitlines()[0].split()) > MAX_WORDS
    ]
    assert long == []


@pytest.mark.parametrize("layer", LAYERS)
def test_docstrings_and_comments_are_written_in_plain_words(layer: str) -> None:
    bad = []
    for file in source.files(layer):
        for line, text in [*docstrings(file), *comments(file)]:
            prose = " ".join(CODE.sub(" ", text).split())  # a form may be broken across lines
            found = [form.group() for words in (PRIVATE_WORDS, FUSED_FORMS) for form in words.finditer(prose)]
            bad += [f"{source.shown(file)}:{line} {form}" for form in found]
    assert bad == []
