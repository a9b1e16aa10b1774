"""Every code has messages in English and Chinese, with all their arguments."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from incident.core import cacao
from incident.core.cacao import Fault, check
from incident.core.cacao.engine.messages import PROBLEMS, REASONS
from incident.core.cacao.words import WORDS, reason, said, sentence_of
from tests.core.cacao.test_checks import ERRORS, WARNINGS, sample

SOURCES = sorted(Path(cacao.__file__).parent.rglob("*.py"))
MADE = re.compile(r"(?:error|warning|make|Noted|ConditionFault|_refuse|_fault)\(\s*\"([a-z_0-9]+)\"")
WHY = re.compile(r"fail\(work, [\w.]+, \"([a-z_]+)\"\)")


def test_every_code_that_the_sources_name_has_words() -> None:
    text = "\n".join(file.read_text() for file in SOURCES)
    codes = set(MADE.findall(text))
    assert len(codes) > 90
    assert codes - set(WORDS) - set(PROBLEMS) == set()
    assert set(WHY.findall(text)) - set(REASONS) == set()


@pytest.mark.parametrize("at", range(len(ERRORS) + len(WARNINGS)))
def test_every_sentence_of_the_check_has_its_arguments(at: int) -> None:
    _, change, _ = [*ERRORS, *WARNINGS][at]
    change(made := sample())
    for fault in check(made):
        for sentence in said(fault):
            assert not re.search(r"\{\w+\}", sentence.replace("{}", ""))


def test_a_sentence_that_lacks_an_argument_keeps_its_braces_and_never_fails() -> None:
    assert sentence_of("dangling_step", {}) == "{step} is referenced but does not exist."
    assert said(Fault("error", "cycle", "", {"steps": ["a", "b"], "count": 2}))[0] == (
        "These 2 steps form a loop: a, b."
    )


def test_sentences_and_their_problems_go_through_the_catalogue() -> None:
    fault = Fault("error", "condition_pattern", "", {"column": 3, "problem": "pattern_range"})
    catalogue = {
        "Column {column}: the pattern is wrong: {problem}.": "第 {column} 列：{problem}。",
        "range that runs backwards": "范围颠倒",
    }
    assert said(fault, lambda text: catalogue.get(text, text)) == ("第 3 列：范围颠倒。", "Correct the pattern.")


def test_what_a_person_gave_as_reason_is_left_alone() -> None:
    assert reason("timeout") == "time limit passed (ACTION_TIMEOUT)"
    assert reason("the router was down") == "the router was down"


def test_a_hint_says_no_more_than_its_sentence_knows() -> None:
    for code, (sentence, hint) in WORDS.items():
        known = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        asked = {name for _, name, _, _ in string.Formatter().parse(hint) if name}
        assert asked <= known | {"limit", "expected", "known", "levels", "new", "found"}, code
