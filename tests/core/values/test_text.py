"""Sanitizing of external text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain, is_visible, one_line, paragraphs, require_name, require_text, visible

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


@pytest.mark.parametrize(
    "name",
    [
        "li\u202ewei",
        "\u2066li\u2069",
        "li\u200ewei",
        "\u061cli",
        "li\u200bwei",
        "li\u200dwei",
        "li\u200c",
        "\ufeffli",
        "li\u2060wei",
        "li\u00adwei",
        "li\u3164",
        "\u2800",
        "\u115f",
        "li\ufe0f",
        "li\U000e0041",
        "李\u200d伟",
    ],
)
def test_a_name_with_something_that_nobody_sees_is_refused_and_a_text_loses_it(name: str) -> None:
    with pytest.raises(RuleError) as caught:
        require_name(name, pointer="/login")
    assert (caught.value.code, caught.value.pointer) == ("name.invisible", "/login")
    assert is_visible(visible(name))
    assert one_line(name) == visible(name) in {"liwei", "li", "李伟", ""}


@pytest.mark.parametrize(
    "name",
    [
        "Li Wei",
        "李伟",
        "O’Brien–Müller",
        "علی\u200cرضا",  # Persian writes the name with a non-joiner
        "ශ්\u200dරී",  # Sinhala joins its letters by one
        "क्\u200dष",
        "葛\U000e0100城",  # a variant of a Chinese character in names of Japan
        "⚠️ Malware",
        "👩\u200d💻 on duty",
    ],
)
def test_joiners_and_variants_stay_where_a_script_needs_them(name: str) -> None:
    assert require_name(name) == visible(name) == one_line(name) == name


def test_a_name_stands_on_one_line() -> None:
    with pytest.raises(RuleError) as caught:
        require_name("Li\u2028Wei")
    assert caught.value.code == "text.not_one_line"


@given(st.text(st.sampled_from("a李ع😀\u200b\u200c\u200d\u202e\ufe0f\U000e0100"), max_size=30))
def test_what_is_made_visible_stays_as_it_is(text: str) -> None:
    assert is_visible(visible(text))
    assert visible(visible(text)) == visible(text)
    assert one_line(one_line(text, 9), 9) == one_line(text, 9)
