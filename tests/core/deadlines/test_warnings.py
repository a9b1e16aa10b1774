"""When people are warned of deadlines: thresholds, repeats and urgency."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.deadlines.warnings import (
    REPEATED_EVERY,
    THRESHOLDS,
    next_warning_at,
    passed_threshold,
    threshold_at,
    urgency_of,
)

START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
LENGTHS = st.timedeltas(min_value=dt.timedelta(seconds=1), max_value=dt.timedelta(days=400))


@pytest.mark.parametrize(
    ("minutes", "passed", "then"),
    [
        (0, 0, 30),
        (29, 0, 30),
        (30, 50, 48),
        (47, 50, 48),
        (48, 80, 60),
        (60, 100, 90),
        (61, 100, 90),
        (90, 100, 120),
        (60 * 24, 100, 60 * 24 + 30),
        (-10, 0, 30),
    ],
)
def test_a_deadline_of_an_hour_warns_at_30_48_and_60_minutes_and_every_half_hour_from_then(
    minutes: int, passed: int, then: int
) -> None:
    at = START + minutes * MINUTE
    assert passed_threshold(START, START + HOUR, at) == passed
    assert next_warning_at(START, START + HOUR, at) == START + then * MINUTE


@given(LENGTHS, st.timedeltas(min_value=-dt.timedelta(days=1), max_value=dt.timedelta(days=800)))
def test_the_next_warning_is_later_and_nothing_is_passed_before_it_that_is_not_passed_now(
    length: dt.timedelta, since: dt.timedelta
) -> None:
    due, at = START + length, START + since
    then = next_warning_at(START, due, at)
    assert then > at
    just_before = max(at, then - dt.timedelta(microseconds=1))
    assert passed_threshold(START, due, just_before) == passed_threshold(START, due, at)
    assert then <= due or then - at <= REPEATED_EVERY


@given(LENGTHS)
def test_from_warning_to_warning_every_threshold_is_passed_in_order(length: dt.timedelta) -> None:
    at, due, seen = START - MINUTE, START + length, []
    for _ in range(5):
        at = next_warning_at(START, due, at)
        seen.append(passed_threshold(START, due, at))
    assert seen == [*THRESHOLDS, 100, 100]


@given(LENGTHS, LENGTHS, st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=400)))
def test_a_due_that_moves_earlier_never_makes_fewer_thresholds_pass(
    one: dt.timedelta, other: dt.timedelta, since: dt.timedelta
) -> None:
    at = START + since
    earlier, later = sorted((START + one, START + other))
    assert passed_threshold(START, earlier, at) >= passed_threshold(START, later, at)


def test_a_short_deadline_that_has_just_run_out_is_the_most_urgent_and_repeats_are_ordinary() -> None:
    short, long = START + HOUR, START + 24 * HOUR
    asked = [
        urgency_of(START, short, short),
        urgency_of(START, long, long),
        urgency_of(START, short, threshold_at(START, short, 80)),
        urgency_of(START, long, threshold_at(START, long, 50)),
        urgency_of(START, short, short + REPEATED_EVERY),
    ]
    assert asked == [0, 1, 2, 2, 2]
