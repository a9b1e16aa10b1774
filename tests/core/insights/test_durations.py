"""Durations as letters: precise to some percent, put together as texts."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.insights.durations import (
    LETTERS,
    PRECISION,
    duration_of,
    letter_of,
    spread_of,
    with_letters,
    without_letters,
)

seconds = st.integers(min_value=10, max_value=60 * 86_400)


def within(found: timedelta | None, wanted: float) -> bool:
    assert found is not None
    return abs(found.total_seconds() - wanted) <= wanted * (PRECISION + 0.1) / 100 + 0.5


@given(seconds)
def test_a_letter_stands_for_a_duration_within_the_stated_precision(took: int) -> None:
    assert within(duration_of(letter_of(timedelta(seconds=took))), took)


@given(st.lists(seconds, min_size=1, max_size=40), st.lists(seconds, max_size=40))
def test_days_put_together_give_the_median_and_the_90th_percentile_of_all(one: list[int], other: list[int]) -> None:
    days = [with_letters("", [letter_of(timedelta(seconds=took)) for took in day]) for day in (one, other)]
    found, ranked = spread_of(days), sorted(one + other)
    assert found.number == len(ranked)
    assert within(found.median, ranked[math.ceil(len(ranked) / 2) - 1])
    assert within(found.ninetieth, ranked[math.ceil(len(ranked) * 0.9) - 1])


@pytest.mark.parametrize("took", [timedelta(days=-3), timedelta(), timedelta(seconds=8)])
def test_what_takes_no_time_has_the_first_letter(took: timedelta) -> None:
    assert letter_of(took) == "!"


def test_what_takes_years_has_the_last_letter() -> None:
    assert letter_of(timedelta(days=10_000)) == "~" == chr(ord("!") + LETTERS - 1)


def test_nothing_has_no_median_at_all() -> None:
    assert spread_of([]).median is None
    assert spread_of(["", ""]).median is None


def test_added_letters_stand_at_their_places() -> None:
    assert with_letters("acc", "bca") == "aabccc"


def test_each_letter_is_taken_out_once() -> None:
    assert without_letters("aabc", "ac") == "ab"
