"""Every fault code and event type has a message."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.values.error_messages import FAULT_WORDS, fill, say

PACKAGE = Path(__file__).parents[3] / "incident"


def first_texts(*called: str) -> Iterator[tuple[str, ast.Call]]:
    """The literal first arguments of calls of these names, and the calls."""
    for file in PACKAGE.rglob("*.py"):
        if "cacao" not in file.parts:
            calls = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call))
            yield from ((text, call) for call in calls if _name(call.func) in called for text in _texts(call.args[:1]))


def raised() -> dict[str, set[str]]:
    """The codes that are raised as literals anywhere in the program, with the literal names of their arguments."""
    found: dict[str, set[str]] = {}
    for code, call in first_texts("RuleError", "fault"):
        found.setdefault(code, set()).update(_argument_names(call))
    return found


def _texts(nodes: list[ast.expr]) -> list[str]:
    if nodes and isinstance(nodes[0], ast.IfExp):
        return _texts([nodes[0].body]) + _texts([nodes[0].orelse])
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if "." in text]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _argument_names(node: ast.Call) -> set[str]:
    dicts = [argument for argument in node.args if isinstance(argument, ast.Dict)]
    keys = {
        key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    return keys | {keyword.arg for keyword in node.keywords if keyword.arg}


def test_every_fault_that_is_raised_has_words() -> None:
    assert set(raised()) - set(FAULT_WORDS) == set()
    assert len(raised()) > 30


def test_a_sentence_asks_for_no_argument_that_is_never_given() -> None:
    for code, given in raised().items():
        asked = {name for _, name, _, _ in string.Formatter().parse(FAULT_WORDS[code]) if name}
        assert asked <= given or given <= {"kind", "pointer"}, code


@pytest.mark.parametrize("code", sorted(FAULT_WORDS))
def test_a_sentence_begins_and_ends_as_one(code: str) -> None:
    sentence = FAULT_WORDS[code]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    list(string.Formatter().parse(sentence))


def test_a_fault_is_said_with_its_arguments() -> None:
    said = say("incident.has_live_work", {"runs": ["7"], "tasks": ["12", "13"]})
    assert "Playbooks: 7; tasks: 12, 13" in said


def test_a_fault_is_said_in_the_language_of_the_catalogue() -> None:
    chinese = {"A policy must have 1 to {most} levels.": "策略须有 1 至 {most} 级。"}
    assert say("policy.levels", {"most": 20}, lambda message: chinese[message]) == "策略须有 1 至 20 级。"


def test_a_code_without_words_is_given_back() -> None:
    assert say("nothing.known", {}) == "nothing.known"


def test_an_argument_that_is_not_given_stays_visible() -> None:
    assert fill("{given} and {missing}", {"given": 1}) == "1 and {missing}"


def test_a_value_with_braces_is_not_filled_again() -> None:
    assert fill("{given}", {"given": "{other}", "other": "x"}) == "{other}"


def test_every_verb_that_is_entered_has_words() -> None:
    entered = {event_type for event_type, _ in first_texts("record")}
    assert entered - set(EVENT_TYPE_WORDS) == set()
    assert len(entered) > 20


def test_verbs_are_namespaced_and_have_words() -> None:
    assert all(event_type.count(".") == 1 and words for event_type, words in EVENT_TYPE_WORDS.items())
