"""The time of the machine or of the database."""

import datetime as dt
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from incident import clock
from incident.clock import SharedClock, machine
from tests.jobs.running import until

HOUR = dt.timedelta(hours=1)
NEAR = dt.timedelta(seconds=5)
"""Tolerance of a busy machine for a step of these tests."""


class Database:
    """A database whose time is an hour ahead; it counts queries of the time."""

    def __init__(self, ahead: dt.timedelta = HOUR) -> None:
        self.ahead = ahead
        self.is_away = False
        self.asked = 0
        self.answer_takes = 0.0

    def __call__(self) -> dt.datetime | None:
        self.asked += 1
        time.sleep(self.answer_takes)
        return None if self.is_away else machine() + self.ahead


@pytest.fixture(autouse=True)
def _machines_own() -> Iterator[None]:
    yield
    clock.follow(None)


def is_near(moment: dt.datetime, wanted: dt.datetime) -> bool:
    return abs(moment - wanted) < NEAR


def test_without_a_database_to_follow_the_time_is_the_machines() -> None:
    clock.follow(None)
    assert is_near(clock.now(), machine())
    assert clock.measure()
    assert clock.off_by() is None


def test_the_time_is_the_databases_and_it_is_known_by_how_much_the_machines_is_off() -> None:
    clock.follow(Database())
    assert is_near(clock.now(), machine() + HOUR)
    assert is_near(clock.machine(), machine())
    assert clock.off_by() == pytest.approx(-3600, abs=5)


def test_a_machine_whose_time_is_set_between_two_measurements_notices_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.follow(Database(dt.timedelta()))
    before = clock.now()
    monkeypatch.setattr(clock, "machine", lambda: machine() + HOUR)
    assert is_near(clock.now(), before)
    assert clock.off_by() == pytest.approx(3600, abs=5)


def test_a_database_that_is_away_leaves_the_time_as_it_was_measured() -> None:
    database = Database()
    clock.follow(database)
    clock.now()
    database.is_away = True
    assert not clock.measure()
    assert is_near(clock.now(), machine() + HOUR)


def test_until_a_database_has_answered_the_machines_time_goes_and_it_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = Database()
    database.is_away = True
    clock.follow(database)
    for _ in range(5):
        assert is_near(clock.now(), machine())
    assert database.asked == 1
    database.is_away = False
    monkeypatch.setattr(clock, "RETRY_AFTER", 0.0)
    assert is_near(clock.now(), machine() + HOUR)


def test_once_measured_the_time_costs_no_question() -> None:
    database = Database()
    clock.follow(database)
    for _ in range(100):
        clock.now()
    assert database.asked <= 3


@pytest.mark.parametrize("leap", [HOUR, -HOUR])
def test_a_database_whose_time_was_set_is_followed_at_the_next_measurement(leap: dt.timedelta) -> None:
    database = Database(dt.timedelta())
    clock.follow(database)
    clock.now()
    database.ahead = leap
    assert clock.measure()
    assert is_near(clock.now(), machine() + leap)


def test_a_slow_answer_after_a_quick_one_moves_nothing() -> None:
    database = Database()
    clock.follow(database)
    clock.now()
    before = clock.off_by()
    database.answer_takes = 0.3
    clock.measure()
    assert clock.off_by() == pytest.approx(before, abs=0.1)  # the middle of the response would be 0.15 s off


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0, 60)), min_size=2, max_size=10))
def test_the_offset_is_always_within_what_was_measured_last_and_moves_only_when_it_must(
    ranges: list[tuple[float, float]],
) -> None:
    shared = SharedClock(lambda: None)
    for least, wide in ranges:
        before = shared._offset
        shared._narrow(least, least + wide)
        assert shared._offset is not None
        assert least <= shared._offset <= least + wide
        if before is not None and least <= before <= least + wide:
            assert shared._offset == before


def test_a_process_is_kept_measured_at_least_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.MEASURE_EVERY < 10
    monkeypatch.setattr(clock, "MEASURE_EVERY", 0.01)
    database = Database()
    clock.follow(database)
    clock.keep_measured()
    clock.keep_measured()
    until(lambda: database.asked > 5)
    database.ahead = dt.timedelta()
    until(lambda: is_near(clock.now(), machine()))
    keeper = clock._Process.keeper
    clock.follow(None)
    assert keeper is not None
    keeper.join(5)
    assert not keeper.is_alive()


def test_a_fault_in_asking_does_not_end_the_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "MEASURE_EVERY", 0.01)
    asked: list[int] = []

    def ask() -> dt.datetime:
        asked.append(1)
        raise RuntimeError("broken")

    clock.follow(ask)
    clock.keep_measured()
    until(lambda: len(asked) > 2)


def test_an_application_on_postgresql_follows_its_server_and_one_on_sqlite_the_machine(
    app: Flask, request: pytest.FixtureRequest
) -> None:
    is_sqlite = request.node.callspec.params["app"] == "sqlite"
    assert clock.measure()
    off_by: Callable[[], float | None] = clock.off_by
    assert off_by() is None if is_sqlite else off_by() == pytest.approx(0, abs=5)
