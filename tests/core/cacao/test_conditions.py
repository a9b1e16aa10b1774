"""Conditions (P7): meaning, location of faults, and patterns that cannot hang."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.cacao.engine.conditions import (
    ConditionFault,
    ConditionResult,
    evaluate,
    parse_condition,
    type_faults,
)
from incident.core.cacao.text.patterns import PatternFault, like, matches
from incident.core.cacao.values import Value

KNOWN: dict[str, tuple[str, Value]] = {
    "__s__": ("string", "alpha"),
    "__empty__": ("string", ""),
    "__n__": ("integer", "5"),
    "__f__": ("float", "2.5"),
    "__b__": ("bool", "true"),
    "__ip__": ("ipv4-addr", "10.1.2.3"),
    "__net__": ("ipv4-addr", "10.0.0.0/8"),
    "__six__": ("ipv6-addr", "2001:db8::1"),
    "__d__": ("dictionary", {"b": 1, "a": [2]}),
    "__mac__": ("mac-addr", "AA-BB-CC-DD-EE-FF"),
    "__u__": ("string", None),
}


def verdict(text: str) -> ConditionResult:
    return evaluate(parse_condition(text), lambda name: KNOWN.get(name, ("string", None)))


TRUE = [
    "__s__:value = 'alpha'",
    '__s__:value == "alpha"',
    "[__s__:value = 'alpha']",
    "[__s__:value = 'beta'] OR [__n__:value = 5]",
    "[__s__:value = 'alpha' AND __n__:value > 4]",
    "__s__:value != 'beta' and not __n__:value = 4",
    "(__n__:value = 4 OR __n__:value = 5) AND __b__:value = true",
    "__n__:value = 4 AND __n__:value = 4 OR __n__:value = 5",
    "NOT (__n__:value = 4)",
    "__f__:value = 2.50",
    "__n__:value >= 5",
    "__n__:value <= '5'",
    "__n__:value < 10",
    "__f__:value > 2",
    "5 = __n__:value",
    "__n__:value IN (1, 5)",
    "__n__:value NOT IN (1, 2)",
    "__s__:value > 'alp'",
    "__s__:value LIKE 'al%'",
    "__s__:value LIKE '_lph_'",
    "__s__:value NOT LIKE 'ALPHA'",
    "__s__:value MATCHES '^a.+a$'",
    "__s__:value MATCHES 'ph'",
    "__ip__:value ISSUBSET '10.0.0.0/8'",
    "__net__:value ISSUPERSET '10.1.0.0/16'",
    "__ip__:value < '10.1.2.20'",
    "__six__:value = '2001:DB8:0::1'",
    "__mac__:value = 'aa:bb:cc:dd:ee:ff'",
    '__d__:value = \'{"a": [2], "b": 1}\'',
    "__empty__:value = ''",
    "__s__:value != ''",
    "__b__:value = 'TRUE'",
    "__ip__:value IN ('10.1.2.3')",
    "__s__:value = __s__:value",
    r"__s__:value != 'it\'s'",
]
FALSE = [
    "__s__:value = 'ALPHA'",
    "__n__:value = 4 AND (__n__:value = 4 OR __n__:value = 5)",
    "__s__:value LIKE 'alp'",
    "__ip__:value ISSUBSET '192.168.0.0/16'",
    "__empty__:value > 'a'",
    "__empty__:value IN ('a', 'b')",
    "NOT __b__:value = true",
]


@pytest.mark.parametrize("text", TRUE)
def test_a_condition_that_holds(text: str) -> None:
    assert verdict(text) == ConditionResult(True)


@pytest.mark.parametrize("text", FALSE)
def test_a_condition_that_does_not_hold(text: str) -> None:
    assert verdict(text) == ConditionResult(False)


def test_p16_the_unknown_makes_it_all_false_and_is_named() -> None:
    for text in ("__u__:value = 'x' OR __n__:value = 5", "NOT __u__:value = 'x'", "__u__:value != 'x'"):
        assert verdict(text) == ConditionResult(False, "variable_unknown", ("__u__",))


def test_what_cannot_be_compared_is_false_and_said() -> None:
    assert verdict("__n__:value = __s__:value") == ConditionResult(False, "condition_mistyped", ("__n__", "__s__"))


WRONG = [
    ("", "condition_operand", 1),
    ("__n__:value", "condition_operator", 12),
    ("__n__:value =", "condition_operand", 14),
    ("__n__:value = 5 )", "condition_rest", 17),
    ("(__n__:value = 5", "condition_wanted", 17),
    ("[__n__:value = 5", "condition_wanted", 17),
    ("[[__n__:value = 5]]", "condition_operand", 2),
    ("__n__ = 5", "condition_value_missing", 1),
    ("n = 5", "condition_word", 1),
    ("ipv4-addr:value = '1'", "condition_word", 1),
    ("__n__:value = 'x", "condition_quote", 15),
    ("__n__:value ~ 5", "condition_sign", 13),
    ("__n__:value IN 5", "condition_wanted", 16),
    ("__n__:value IN ()", "condition_operand", 17),
    ("__n__:value MATCHES '('", "condition_pattern", 23),
    ("__n__:value MATCHES '(?=a)'", "condition_pattern", 23),
    ("[__n__:value = 1] FOLLOWEDBY [__n__:value = 2]", "condition_timed", 19),
    ("EXISTS __n__:value", "condition_timed", 1),
    ("__n__:value = b'eA=='", "condition_binary", 15),
    ("NOT " * 41 + "__n__:value = 1", "condition_nested", 161),
    ("(" * 5000, "condition_nested", 41),
    ("_n_:value = 1", "condition_word", 1),
    ("__n:value = 1", "condition_name", 1),
    ("x" * 10_001, "condition_long", 10_001),
    ("__import__('os')", "condition_value_missing", 1),
]


@pytest.mark.parametrize(("text", "code", "column"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_condition_is_refused_with_its_column(text: str, code: str, column: int) -> None:
    with pytest.raises(ConditionFault) as refused:
        parse_condition(text)
    assert (refused.value.code, refused.value.column) == (code, column)


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("__n__:value = 'many'", "condition_literal", 15),
        ("__n__:value IN (1, 'x')", "condition_literal", 20),
        ("__b__:value > true", "condition_unordered", 1),
        ("__s__:value ISSUBSET '10.0.0.0/8'", "condition_not_address", 1),
        ("__ip__:value ISSUBSET 'home'", "condition_literal", 23),
    ],
)
def test_a_comparison_that_does_not_fit_its_type_is_found_before_it_runs(text: str, code: str, column: int) -> None:
    faults = type_faults(parse_condition(text), {name: kind for name, (kind, _) in KNOWN.items()})
    assert [(fault.code, fault.column) for fault in faults] == [(code, column)]


@given(st.text("__n:value =<>!'\"()[]ANDORT12,%x\\", max_size=40))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    column = 1
    try:
        verdict(text)
    except ConditionFault as fault:
        column = fault.column
    assert 1 <= column <= len(text) + 2


PIECES = [
    r"a",
    r"b",
    r".",
    r"[ab]",
    r"[^a]",
    r"(a|b)",
    r"(?:ab)*",
    r"\w",
    r"\d",
    r"a{2,3}",
    r"b+?",
    r"a?",
    r"^",
    r"$",
    r"\b",
    r"(a*)*",
    r"x|y",
    r"\.",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6), st.text("abx1 .", max_size=7))
def test_patterns_agree_with_regular_expressions(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    try:
        expected = re.search(pattern, text, re.DOTALL) is not None
    except re.error:
        return
    assert matches(pattern).is_match(text) is expected


@given(st.text("a%_b", max_size=6), st.text("abc%", max_size=6))
def test_like_fits_the_whole_text(pattern: str, text: str) -> None:
    expression = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern)
    assert like(pattern).is_match(text) is (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_folding_and_controls_in_patterns() -> None:
    assert matches("(?i)alPHA[b-d]").is_match("xALPHAC")
    assert matches(r"^a\tb[\n]\S$").is_match("a\tb\nc")
    assert not matches(r"\D\B").is_match("1")


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("(", "pattern_bracket"),
        (")", "pattern_bracket"),
        ("*", "pattern_repeat"),
        ("a{3,1}", "pattern_count"),
        ("a{x}", "pattern_count"),
        ("a{999}", "pattern_count"),
        ("[a", "pattern_end"),
        ("[z-a]", "pattern_range"),
        ("\\", "pattern_end"),
        (r"\1", "pattern_unsupported"),
        ("(?<=a)b", "pattern_unsupported"),
        ("((a{100}){100})", "pattern_large"),
        ("a" * 700, "pattern_large"),
        ("(" * 50, "pattern_unsupported"),
    ],
)
def test_a_wrong_or_greedy_pattern_is_refused(pattern: str, code: str) -> None:
    with pytest.raises(PatternFault) as refused:
        matches(pattern)
    assert refused.value.code == code


def test_no_pattern_makes_a_run_hang() -> None:
    began = time.process_time()
    assert not matches("(a+)+(a|aa)+(a*)*b$").is_match("a" * 3000)
    assert time.process_time() - began < 5
    with pytest.raises(ValueError, match="too long"):
        matches("a").is_match("b" * 5001)
