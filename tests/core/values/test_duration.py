"""Durations in ISO 8601."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.duration import format_duration, parse_duration
from incident.core.values.faults import RuleError


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT5M", timedelta(minutes=5)),
        ("PT1H30M", timedelta(minutes=90)),
        ("P1D", timedelta(days=1)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT12H", timedelta(hours=36)),
        ("PT90S", timedelta(seconds=90)),
        ("PT0S", timedelta(0)),
    ],
)
def test_a_length_is_read(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "5M", "PT5", "P1Y", "P1M", "PT1M1H", "P1W1D", "PT-5M", "-PT5M", "pt5m", "PT5M ", "PT1.5S",
     "PT٣M", "P9999999D", "PT5M\n", None, 5, ["PT5M"]],
)  # fmt: skip
def test_nonsense_is_refused(text: object) -> None:
    with pytest.raises(RuleError) as caught:
        parse_duration(text, "/levels/0/wait")
    assert (caught.value.code, caught.value.pointer) == ("duration.malformed", "/levels/0/wait")


@given(st.integers(0, 10**10))
def test_what_is_written_reads_back_the_same(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(format_duration(length)) == length


@given(st.text(alphabet="PTWDHMS0123456789.-", max_size=12))
def test_whatever_is_read_reads_the_same_in_its_shortest_form(text: str) -> None:
    try:
        length = parse_duration(text)
    except RuleError:
        return
    assert parse_duration(format_duration(length)) == length


def test_the_shortest_form_carries_over() -> None:
    assert format_duration(timedelta(seconds=5_400)) == "PT1H30M"
    assert format_duration(timedelta(days=7)) == "P7D"
    assert format_duration(timedelta(seconds=90_061)) == "P1DT1H1M1S"
