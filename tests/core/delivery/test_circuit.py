"""Circuit breakers: opened by consecutive failures, tested once after the pause, closed by any response."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from incident.core.delivery.circuit import (
    LONGEST_PAUSE,
    MAX_FAILURES,
    PROBE_LIMIT,
    Circuit,
    allows_call,
    failed,
    probed,
)

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def opened(now: dt.datetime = NOW) -> Circuit:
    circuit = None
    for _ in range(MAX_FAILURES):
        circuit = failed(circuit, now, now)
    assert circuit is not None
    return circuit


def test_five_failures_in_a_row_open_it_for_half_a_minute() -> None:
    circuit = None
    for _ in range(MAX_FAILURES - 1):
        circuit = failed(circuit, NOW, NOW)
        assert allows_call(circuit, NOW)
    circuit = failed(circuit, NOW, NOW)
    assert circuit.is_open
    assert not allows_call(circuit, NOW + 29 * SECOND)
    assert allows_call(circuit, NOW + 30 * SECOND)


def test_failures_that_come_slowly_do_not_open_it() -> None:
    circuit, now = None, NOW
    for _ in range(20):
        circuit = failed(circuit, now, now)
        now += dt.timedelta(seconds=100)
    assert circuit is not None
    assert not circuit.is_open


def test_only_one_probe_is_on_its_way_and_one_that_got_lost_is_followed_by_another() -> None:
    later = NOW + 30 * SECOND
    circuit = probed(opened(), later)
    assert not allows_call(circuit, later)
    assert not allows_call(circuit, later + PROBE_LIMIT - SECOND)
    assert allows_call(circuit, later + PROBE_LIMIT)


def test_each_probe_that_fails_doubles_the_pause_up_to_ten_minutes() -> None:
    circuit, pauses = opened(), []
    for _ in range(7):
        pauses.append(circuit.pause)
        now = circuit.try_at
        assert now is not None
        circuit = failed(probed(circuit, now), now, now + SECOND)
    assert pauses == [30, 60, 120, 240, 480, 600, 600]
    assert circuit.opened_at == NOW


def test_an_attempt_from_before_the_opening_lengthens_no_pause() -> None:
    circuit = opened()
    assert failed(circuit, NOW - SECOND, NOW + 9 * SECOND) == circuit


@given(st.integers(1, 86_400))
def test_a_clock_that_is_put_back_leaves_nobody_alone_for_longer_than_the_longest_pause(back: int) -> None:
    circuit = opened()
    before = NOW - dt.timedelta(seconds=back)
    later = before + dt.timedelta(seconds=LONGEST_PAUSE)
    assert allows_call(circuit, before) or allows_call(circuit, later)


def test_failures_before_the_clock_was_put_back_do_not_count() -> None:
    circuit = None
    for _ in range(MAX_FAILURES - 1):
        circuit = failed(circuit, NOW, NOW)
    assert failed(circuit, NOW, NOW - dt.timedelta(hours=1)).failures == 1
