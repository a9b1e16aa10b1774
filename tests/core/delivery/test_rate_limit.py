"""Token buckets: the limit holds in every minute, nothing is lost, and a clock set back blocks nobody."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.delivery.rate_limit import Limit, TokenBucket, filled, free_at, full, taken, tokens_in

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
LIMITS = st.builds(Limit.of, st.integers(1, 600))


@given(LIMITS, st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_no_minute_has_more_messages_than_the_limit(limit: Limit, pauses: list[float]) -> None:
    bucket, now, sent = full(limit, NOW), NOW, []
    for pause in pauses:
        now += dt.timedelta(seconds=pause)
        bucket = filled(bucket, limit, now)
        count = tokens_in(bucket)
        bucket = taken(bucket, count)
        sent += [now] * count
    for begin in sent:
        within = [one for one in sent if begin <= one < begin + dt.timedelta(seconds=59.99)]
        assert len(within) <= max(limit.per_minute, limit.burst)


@given(LIMITS)
def test_what_is_empty_is_free_again_when_it_says_so(limit: Limit) -> None:
    bucket = taken(full(limit, NOW), limit.burst)
    moment = free_at(bucket, limit)
    assert tokens_in(filled(bucket, limit, moment - dt.timedelta(milliseconds=1))) == 0
    assert tokens_in(filled(bucket, limit, moment + dt.timedelta(microseconds=1))) == 1


@given(LIMITS, st.floats(0, 86_400))
def test_a_clock_that_is_put_back_takes_no_token_away_and_gives_none(limit: Limit, back: float) -> None:
    bucket = taken(full(limit, NOW), 1)
    before = NOW - dt.timedelta(seconds=back)
    assert filled(bucket, limit, before) == TokenBucket(bucket.tokens, before)
    assert free_at(filled(bucket, limit, before), limit) <= before + dt.timedelta(seconds=limit.pause)


def test_a_limit_by_the_minute_lets_a_quarter_of_it_go_at_once() -> None:
    assert (Limit.of(20), Limit.of(1)) == (Limit(20, 5), Limit(1, 1))
    assert (Limit.of(20).pause, Limit.of(1).pause) == (4.0, 60.0)


def test_more_than_there_are_cannot_be_taken() -> None:
    with pytest.raises(ValueError, match=r"of 5\.0 tokens"):
        taken(full(Limit.of(20), NOW), 6)
