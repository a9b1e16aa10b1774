"""Reading of documents reports every fault with its location."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.document import Reader, one_of, text
from incident.core.values.faults import RuleError, member, raise_all

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_a_pointer_escapes_what_the_standard_says() -> None:
    assert member(member("/rules", 0), "a/b~c") == "/rules/0/a~1b~0c"


def test_without_faults_nothing_is_raised() -> None:
    raise_all([])
    Reader().finish()


def test_the_first_fault_carries_the_others() -> None:
    faults = [RuleError(f"code.{index}") for index in range(3)]
    with pytest.raises(RuleError) as caught:
        raise_all(faults)
    assert caught.value.all == tuple(faults)


def test_a_fault_says_its_code_place_and_arguments() -> None:
    assert str(RuleError("text.too_long", {"limit": 3}, pointer="/title")) == "text.too_long at /title {'limit': 3}"
    assert str(RuleError("incident.is_closed", kind="conflict")) == "incident.is_closed"


def test_a_missing_member_and_an_unknown_one_are_named() -> None:
    reader = Reader()
    parts = reader.members({"titel": "x"}, "", {"title"})
    assert reader.required(parts, "title", "", text(10)) is None
    assert [(fault.code, fault.pointer) for fault in reader.faults] == [
        ("document.unknown_field", "/titel"),
        ("document.missing", "/title"),
    ]


def test_an_optional_member_may_be_absent_or_null_but_not_wrong() -> None:
    reader = Reader()
    assert reader.optional({}, "tlp", "", one_of(("red",))) is None
    assert reader.optional({"tlp": None}, "tlp", "", one_of(("red",))) is None
    assert reader.faults == []
    assert reader.optional({"tlp": "blue"}, "tlp", "", one_of(("red",))) is None
    assert [fault.code for fault in reader.faults] == ["document.not_a_choice"]


@given(JSON)
def test_whatever_the_document_reading_ends_in_values_or_faults(document: Any) -> None:
    reader = Reader()
    parts = reader.members(document, "", {"title"})
    title = reader.required(parts, "title", "", text(5))
    assert (title is None) == bool(reader.faults) or title is not None
    assert title is None or 0 < len(title) <= 5


def test_a_field_name_of_a_megabyte_does_not_fill_the_answer() -> None:
    reader = Reader()
    reader.members({"x" * 1_000_000: 1}, "", {"title"})
    assert len(reader.faults[0].pointer) < 100
