"""The canonical form equals that of the reference implementation for every notation."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from incident.core.cacao.signing.canonical import canonical, members

TEXTS = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["\ue000", "𐍈", "\u2028", "\x7f", "\x00\x1f", '"\\/', "\b\t\n\f\r", "é", "e\u0301"]
)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@given(VALUES)
def test_every_value_is_written_as_the_reference_does(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_members_are_written_as_they_stand_in_the_whole(value: dict[str, Any]) -> None:
    assert b"{" + members(value, value) + b"}" == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), {1: 2}, [{None: 1}], {"a": object()}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)
