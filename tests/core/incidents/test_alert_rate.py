"""Burst and sustained limits of alerts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert_rate import Rate

RATE = Rate(per_second=100, burst=2_000)


def test_a_full_bucket_gives_a_burst_and_then_as_many_as_come_in_a_second() -> None:
    tokens, wait = RATE.take(2_000, 0, 2_000)
    assert (tokens, wait) == (0, 0)
    tokens, wait = RATE.take(tokens, 0.5, 100)
    assert (tokens, wait) == (50, 0.5), "nothing of a request that does not fit is taken"
    assert RATE.take(tokens, 0.5, 100) == (0, 0)


def test_a_request_that_holds_more_than_ever_fits_goes_when_the_bucket_is_full() -> None:
    assert RATE.take(1_999, 0, 5_000) == (1_999, 0.01)
    assert RATE.take(2_000, 0, 5_000) == (0, 0)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3_000)), max_size=60))
def test_no_more_come_through_than_the_burst_and_the_rate_allow(asked: list[tuple[float, int]]) -> None:
    tokens, let_through, time = float(RATE.burst), 0.0, 0.0
    for passed, count in asked:
        time += passed
        tokens, wait = RATE.take(tokens, passed, count)
        assert 0 <= tokens <= RATE.burst
        let_through += 0 if wait else min(count, RATE.burst)
    assert let_through <= RATE.burst + time * RATE.per_second + 1e-6


@pytest.mark.parametrize("text", ["", "100", "100,", "a,b", "0,10", "100,50", "-1,5", "1,2,3", "1,99999999"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Rate.parse(text)


def test_a_rate_is_read() -> None:
    assert Rate.parse("5, 50") == Rate(5, 50)
