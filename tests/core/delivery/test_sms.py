"""The length of a text message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.delivery.sms import Length, fitted, length_of

GSM = st.text(st.sampled_from("abcXYZ 0189@£éøÅΔ_Ωß{}[]~|€\n"))
LINK = "https://i.example/acknowledge/msg_2Lh9KRb0pzN4.Q0ZCSk9QUVJTVFVWV1hZ"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", Length("GSM-7", 0, 1)),
        ("a" * 160, Length("GSM-7", 160, 1)),
        ("a" * 161, Length("GSM-7", 161, 2)),
        ("a" * 306, Length("GSM-7", 306, 2)),
        ("a" * 307, Length("GSM-7", 307, 3)),
        ("€" * 80, Length("GSM-7", 160, 1)),
        ("€" * 81, Length("GSM-7", 162, 2)),
        ("€" * 153, Length("GSM-7", 306, 3)),  # 76 fit into a part: the escape stays with its letter
        ("长" * 70, Length("UCS-2", 70, 1)),
        ("长" * 71, Length("UCS-2", 71, 2)),
        ("长" * 134, Length("UCS-2", 134, 2)),
        ("a" * 69 + "长", Length("UCS-2", 70, 1)),
        ("😀" * 35, Length("UCS-2", 70, 1)),
        ("😀" * 67, Length("UCS-2", 134, 3)),  # 33 fit into a part: the halves of a letter stay together
        ("`", Length("UCS-2", 1, 1)),
    ],
)
def test_a_text_is_as_long_as_the_standard_says(text: str, length: Length) -> None:
    assert length_of(text) == length


@given(st.text(max_size=400))
def test_units_and_parts_fit_together(text: str) -> None:
    length = length_of(text)
    assert length.units >= len(text)
    assert (length.parts == 1) == (length.units <= (160 if length.coding == "GSM-7" else 70))
    room = 153 if length.coding == "GSM-7" else 67
    if length.parts > 1:
        assert -(-length.units // room) <= length.parts <= -(-length.units // (room - 1))


@given(GSM, GSM)
def test_a_longer_text_takes_no_fewer_parts(first: str, second: str) -> None:
    assert length_of(first + second).parts >= length_of(first).parts
    assert length_of(first + second).units == length_of(first).units + length_of(second).units


@given(st.text(max_size=600), st.integers(3, 6))
def test_words_are_cut_to_the_parts_and_the_link_never(words: str, parts: int) -> None:
    text = fitted(words, LINK, parts)
    assert text.endswith(LINK)
    assert length_of(text).parts <= parts


def test_what_fits_stays_as_it_is_and_a_link_too_long_is_sent_whole() -> None:
    assert fitted("Come.", LINK, 4) == f"Come. {LINK}"
    assert fitted("Come.", "", 4) == "Come."
    assert fitted("长" * 100, LINK * 9, 2) == LINK * 9
    assert fitted("长" * 500, "", 2) == "长" * 133 + "…"
