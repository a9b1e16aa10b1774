"""Reading and writing playbook text: accepted input, refusals with location, limits."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.cacao import LoadRefused, check, load, parse, to_json_text, to_yaml_text
from incident.core.cacao.text.text import LARGEST_INTEGER, MAX_BYTES, MAX_DEPTH, MAX_VALUES, Media
from incident.core.cacao.text.yaml12 import YAML_BYTES, YAML_EVENTS
from incident.core.cacao.vocabulary import MAX_STEPS
from tests.core.cacao.build import action, document

REFUSED: list[tuple[str | bytes, str, str]] = [
    ('{"a": 1, "a": 2}', "doubled_member", "/a"),
    ('{"x": [{"a~/": 1, "a~/": 2}]}', "doubled_member", "/x/0/a~0~1"),
    ('{"a": "\\u0000"}', "nul_character", "/a"),
    ('{"a": {"\\u0000": 1}}', "nul_character", "/a"),
    ('{"a": ["\\ud800"]}', "half_character", "/a/0"),
    ('{"a": "\ud800"}', "half_character", "/a"),
    ('{"a": NaN}', "number_unfit", "/a"),
    ('{"a": 1e999}', "number_unfit", "/a"),
    (f'{{"a": {LARGEST_INTEGER + 1}}}', "number_unfit", "/a"),
    ('{"a": ' + "9" * 5000 + "}", "number_unfit", "/a"),
    ('{"a": 1,}', "json_malformed", ""),
    ("{", "json_malformed", ""),
    ("[1]", "not_an_object", ""),
    ("", "not_an_object", ""),
    (b"\xff\xfe{", "not_utf8", ""),
    ('{"a":' * 200_000, "too_deep", ""),
    ('{"a":' * (MAX_DEPTH + 2) + "1" + "}" * (MAX_DEPTH + 2), "too_deep", "/a" * (MAX_DEPTH + 1)),
    ("a: &x 1\nb: *x", "yaml_alias", "/a"),
    ("a: {<<: *x}", "yaml_alias", "/a/<<"),
    ("a: !!str 1", "yaml_tag", "/a"),
    ("a: !python/object x", "yaml_tag", "/a"),
    ("a: 1\nb:\n  - c: 1\n    c: 2", "doubled_member", "/b/0"),
    ("? [a]\n: b", "yaml_key", ""),
    ("---\na: 1\n---\nb: 2", "yaml_several", ""),
    ("a: [1, 2\nb: 3", "yaml_malformed", ""),
    ("a: b: c", "yaml_malformed", ""),
    ("\ta: 1", "yaml_malformed", ""),
    ("a: \x07", "yaml_malformed", ""),
    ("a: .inf", "number_unfit", "/a"),
    ("a: -.INF", "number_unfit", "/a"),
    ('a: "\\0"', "nul_character", "/a"),
    ("[" * 5000, "too_deep", ""),
    ("a: " + "[" * (MAX_DEPTH + 5), "too_deep", "/a" + "/0" * MAX_DEPTH),
]


@pytest.mark.parametrize(("text", "code", "place"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_document_is_refused_with_its_place(text: str | bytes, code: str, place: str) -> None:
    with pytest.raises(LoadRefused) as refused:
        load(text)
    found = {(fault.code, fault.pointer) for fault in refused.value.faults}
    assert found == {(code, place)}


def test_a_malformed_text_is_refused_with_line_and_column() -> None:
    for text, line, column in (('{"a": 1\n "b": 2}', 2, 2), ("a: 1\nb: b: c", 2, 5)):
        with pytest.raises(LoadRefused) as refused:
            load(text)
        args = refused.value.faults[0].args
        assert (args["line"], args["column"]) == (line, column)


def test_plain_words_of_yaml_stay_words() -> None:
    read = load(
        "created: 2026-01-01\nanswer: no\nnorway: NO\ntime: 12:30\n"
        "nothing: ~\nyes: true\nhex: 0x10\noctal: 0o10\n1: 1e3"
    )
    assert read == {
        "created": "2026-01-01",
        "answer": "no",
        "norway": "NO",
        "time": "12:30",
        "nothing": None,
        "yes": True,
        "hex": 16,
        "octal": 8,
        "1": 1000.0,
    }


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x00"))
    | st.sampled_from(
        [
            *["no", "1e3", "0x1f", "~", "null", "2026-01-01", ".5", "-", "#", "=", "<<", "yes", "1_000", "0b1", "1:30"],
            "? x",
            "a: b",
            " x ",
            "\n",
        ]
    )
)
DOCUMENTS = st.dictionaries(
    st.text(min_size=1, alphabet="abcde: -#01"),
    st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text("ab:1"), inner), max_leaves=8),
)


@settings(max_examples=50)
@given(DOCUMENTS)
def test_what_is_written_is_read_back_the_same(made: dict[str, Any]) -> None:
    assert load(to_json_text(made), "json") == made
    assert load(to_yaml_text(made), "yaml") == made


@given(st.text())
def test_no_text_makes_it_stumble(text: str) -> None:
    forms: tuple[Media | None, ...] = ("json", "yaml", None)
    for media in forms:
        with contextlib.suppress(LoadRefused):
            load(text, media)


def test_too_much_is_refused_by_a_stated_limit() -> None:
    for text, code in (
        ('{"a": "' + "x" * MAX_BYTES + '"}', "too_large"),
        ('{"a": [' + "[]," * MAX_VALUES + "[]]}", "too_many_values"),
        ("a: " + "x" * YAML_BYTES, "yaml_too_large"),
        ("- a\n" * YAML_EVENTS, "yaml_too_many"),
    ):
        with pytest.raises(LoadRefused) as refused:
            load(text)
        assert [fault.code for fault in refused.value.faults] == [code]
        assert refused.value.faults[0].args["limit"] > 0


def chain(length: int) -> dict[str, Any]:
    steps: dict[str, Any] = {f"a{at}": action(f"a{at + 1}" if at + 1 < length else "e") for at in range(length)}
    return document({**steps, "e": None})


def test_the_longest_chain_of_steps_is_fine_and_one_more_is_refused() -> None:
    made = load(to_json_text(chain(MAX_STEPS - 2)))
    assert check(made) == []
    assert len(parse(made, is_checked=True).steps) == MAX_STEPS
    longer = load(to_json_text(chain(MAX_STEPS - 1)))
    assert [fault.code for fault in check(longer)] == ["too_many_steps"]


@pytest.mark.slow
def test_the_largest_documents_are_answered_in_time() -> None:
    for text in (
        json.dumps(chain(MAX_STEPS - 2)),
        '{"a": "' + "x" * (MAX_BYTES - 20) + '"}',
        "a:\n" + "- b: c\n" * (YAML_EVENTS // 5),
    ):
        began = time.process_time()
        check(load(text))
        assert time.process_time() - began < 5  # stated: 2 s on a quiet machine


def test_a_text_of_several_lines_is_written_as_people_write_it() -> None:
    made = {"command": "1. Look.\n2. Call: now.\n\n1) 查看。"}
    assert to_yaml_text(made) == "command: |-\n  1. Look.\n  2. Call: now.\n\n  1) 查看。\n"


@pytest.mark.parametrize("text", ["a\r\nb", "a\x85b\nc", "a\x07\nb", "  a\nb", "\n\na \nb", "\ufeffa\nb", "---\na\nb"])
def test_a_text_of_several_lines_is_read_back_the_same(text: str) -> None:
    assert load(to_yaml_text({"x": [text]}), "yaml") == {"x": [text]}
