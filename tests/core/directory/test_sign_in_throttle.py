"""Waiting times between sign-in attempts."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from incident.core.directory.sign_in_throttle import FREE_TRIES, MAX_DELAY, delay_after, growing_delays


def test_some_tries_cost_nothing_then_each_costs_twice_as_much_as_the_last_up_to_a_quarter_of_an_hour() -> None:
    assert [delay_after(tries).total_seconds() for tries in range(1, 14)] == [
        *[0] * 4,
        *[5, 10, 20, 40, 80, 160, 320, 640],
        900,
    ]


@given(st.integers(1, 1 << 40))
def test_the_waiting_never_gets_shorter_and_has_an_end(tries: int) -> None:
    assert delay_after(tries) <= delay_after(tries + 1) <= MAX_DELAY == dt.timedelta(minutes=15)


def test_the_delays_that_grow_are_those_between_nothing_and_the_longest() -> None:
    delays = growing_delays()
    assert delays == {tries: delay_after(tries) for tries in range(FREE_TRIES, FREE_TRIES + len(delays))}
    assert delay_after(max(delays) + 1) == MAX_DELAY
