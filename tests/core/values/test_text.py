"""Text from outside is made fit to be kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain, one_line, paragraphs, require_text

ANY_TEXT = st.text(st.characters(codec=None), max_size=800)


@given(ANY_TEXT, st.integers(1, 300))
def test_a_line_is_short_printable_and_encodable(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert is_plain(line)
    assert not set(line) & set("\n\r\t\u2028\u202e")
    line.encode("utf-8")


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert paragraphs(paragraphs(text)) == paragraphs(text)


@given(ANY_TEXT.filter(lambda text: len(text) < 299))
def test_the_quick_way_for_plain_text_gives_what_the_long_way_gives(text: str) -> None:
    assert one_line(text) == one_line(f"\n{text}")


def test_a_line_joins_what_stood_on_several() -> None:
    assert one_line("disk\r\n full\ton\x00 db-1 ") == "disk full on db-1"


def test_marks_that_turn_the_reading_direction_are_dropped() -> None:
    assert one_line("invoice\u202efdp.exe") == "invoicefdp.exe"


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert one_line("x" * 400) == "x" * 299 + "…"


def test_paragraphs_keep_their_breaks_and_lose_other_controls() -> None:
    assert paragraphs("one\r\ntwo\x07\n") == "one\ntwo"


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "half \ud800"])
def test_unfit_text_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        require_text(text, 100, "/title")
    assert (caught.value.code, caught.value.pointer) == ("text.unfit", "/title")


def test_text_over_the_limit_is_refused_with_both_lengths() -> None:
    with pytest.raises(RuleError) as caught:
        require_text("四个字符", 3)
    assert (caught.value.code, caught.value.arguments) == ("text.too_long", {"limit": 3, "length": 4})


def test_chinese_text_and_line_breaks_are_fit() -> None:
    assert require_text("重大\n事件", 10) == "重大\n事件"
