"""Help texts of the command line: each command and option has one, in plain words."""

import re
from collections.abc import Iterator

import click
import pytest

from incident.cli import main
from tests.house.wording import FUSED_FORMS, PRIVATE_WORDS

MAX_WORDS = 20
PRONOUN = re.compile(r"^(what|who|whose|where|how|they|their|it|its|such as|from when|until when)\b", re.IGNORECASE)
"""Beginnings of a help text that name neither a thing nor an action; "Where the secret may be used" does."""


def commands(command: click.Command, path: str = "incident") -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from commands(one, f"{path} {name}")


ALL = dict(commands(main))


def options(command: click.Command) -> Iterator[tuple[str, str]]:
    """The options of a command and their help texts."""
    for one in command.params:
        if isinstance(one, click.Option):
            yield one.opts[0], one.help or ""


@pytest.mark.parametrize("path", ALL)
def test_a_command_has_a_short_first_sentence(path: str) -> None:
    first = (ALL[path].help or "").split("\n\n")[0]
    assert first.endswith("."), path
    assert len(first.split(". ")[0].split()) <= MAX_WORDS, first


@pytest.mark.parametrize("path", ALL)
def test_every_option_has_a_help_text_that_names_a_thing_or_an_action(path: str) -> None:
    for name, text in options(ALL[path]):
        assert text.endswith("."), f"{path} {name}: {text!r}"
        assert text[0].isupper(), f"{path} {name}: {text!r}"
        assert not PRONOUN.match(text) or text.startswith("Where the "), f"{path} {name}: {text!r}"


@pytest.mark.parametrize("path", ALL)
def test_help_texts_are_written_in_plain_words(path: str) -> None:
    for text in [ALL[path].help or "", *[text for _name, text in options(ALL[path])]]:
        bad = [found.group() for words in (PRIVATE_WORDS, FUSED_FORMS) for found in words.finditer(text)]
        assert bad == [], text
