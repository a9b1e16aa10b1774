"""Retry times of a message."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.delivery.retry import next_attempt_at

FIRST_AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
END = FIRST_AT + timedelta(hours=24)

moments = st.timedeltas(timedelta(0), timedelta(hours=30)).map(lambda passed: FIRST_AT + passed)
jitters = st.floats(-1, 1)


def pause(attempts: int, jitter: float = 0.0, retry_after: float | None = None) -> float | None:
    at = next_attempt_at(attempts, FIRST_AT, FIRST_AT, jitter, retry_after)
    return None if at is None else (at - FIRST_AT).total_seconds()


def test_pauses_double_from_2_seconds_to_5_minutes() -> None:
    assert [pause(attempts) for attempts in range(1, 12)] == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_jitter_moves_a_pause_by_a_fifth_at_most() -> None:
    assert pause(3, -1) == pytest.approx(6.4)
    assert pause(3, 1) == pytest.approx(9.6)


@given(st.integers(1, 10_000), moments, jitters, st.none() | st.floats(0, 1e6))
def test_the_next_try_is_after_now_and_within_a_day_or_never(
    attempts: int, now: datetime, jitter: float, retry_after: float | None
) -> None:
    at = next_attempt_at(attempts, FIRST_AT, now, jitter, retry_after)
    if at is None:
        assert now + timedelta(seconds=max(360, retry_after or 0)) > END
    else:
        assert now + timedelta(seconds=1.6) <= at <= END
        assert at >= now + timedelta(seconds=retry_after or 0) - timedelta(microseconds=1)


@given(st.integers(1, 10_000), jitters, jitters)
def test_a_later_try_never_pauses_shorter_but_for_the_jitter(attempts: int, one: float, other: float) -> None:
    earlier, later = pause(attempts, one), pause(attempts + 1, other)
    assert earlier is not None
    assert later is not None
    assert later >= earlier * 0.8 / 1.2 - 0.001


@given(st.integers(1, 20), jitters, st.floats(0, 80_000))
def test_a_receivers_wish_lengthens_a_pause_and_never_shortens_it(
    attempts: int, jitter: float, retry_after: float
) -> None:
    wished, usual = pause(attempts, jitter, retry_after), pause(attempts, jitter)
    assert usual is not None
    assert wished == pytest.approx(max(usual, retry_after), abs=0.001)


def test_a_message_that_is_never_accepted_is_tried_about_300_times_and_then_dead() -> None:
    now, attempts = FIRST_AT, 0
    while True:
        attempts += 1
        at = next_attempt_at(attempts, FIRST_AT, now, 0.0)
        if at is None:
            break
        now = at
    assert 285 <= attempts <= 310
    assert now <= END


def test_nobody_can_be_asked_to_wait_for_ever() -> None:
    assert pause(1, retry_after=90_000) is None
    assert pause(1, retry_after=86_400) == 86_400


@pytest.mark.parametrize(("attempts", "jitter"), [(0, 0.0), (-1, 0.0), (1, 1.1), (1, -1.1), (1, float("nan"))])
def test_nonsense_is_refused(attempts: int, jitter: float) -> None:
    with pytest.raises(ValueError, match=r"attempts|jitter"):
        next_attempt_at(attempts, FIRST_AT, FIRST_AT, jitter)
