"""Passages of words: checked all at once, put after what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.documents.wordings import put_passage, read_wordings
from incident.core.values.faults import RuleError


def test_every_fault_of_the_passages_is_said_at_once() -> None:
    with pytest.raises(RuleError) as fault:
        read_wordings([{"title": "A", "text": "a"}, {"title": "A", "text": ""}, {"title": "x" * 101, "text": "b"}])
    assert [(one.code, one.pointer) for one in fault.value.all] == [
        ("document.missing", "/blocks/1/text"),
        ("text_block.title_taken", "/blocks/1/title"),
        ("text.too_long", "/blocks/2/title"),
    ]


@given(st.text(), st.text(min_size=1))
def test_nothing_that_was_typed_is_lost_when_a_passage_is_put_in(typed: str, passage: str) -> None:
    put = put_passage(typed, passage)
    assert put.endswith(passage)
    assert put.startswith(typed.rstrip() if typed.strip() else passage)
