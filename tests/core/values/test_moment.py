"""Moments in RFC 3339, within bounds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment, require_moment

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@given(st.datetimes(timezones=st.timezones()))
def test_what_is_written_reads_back_as_the_same_moment(at: datetime) -> None:
    try:
        utc = at.astimezone(UTC)
    except OverflowError:  # the very first and last day of the calendar
        return
    assert parse_moment(format_moment(utc)) == utc


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=10))
def test_texts_sort_as_moments_do(moments: list[datetime]) -> None:
    assert sorted(map(format_moment, moments)) == [format_moment(at) for at in sorted(moments)]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-21T11:00:00+08:00", NOW),
        ("2026-11-21T03:00:00.000000+0000", NOW),
        ("2026-11-21t03:00:00z", NOW),
        ("2026-11-21T03:00:00.123456789Z", NOW + timedelta(microseconds=123_456)),
        ("2026-11-21T03:00:00.5Z", NOW + timedelta(milliseconds=500)),
    ],
)
def test_the_ways_of_machines_are_read(text: str, at: datetime) -> None:
    assert parse_moment(text) == at
    assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-21", "2026-11-21T03:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T03:00Z",
     "0001-01-01T00:00:00+14:00", "20261121T030000Z", "2026-11-21T03:00:00Z\n", "2026-11-21T03:00:00+99:00",
     1_700_000_000, None],
)  # fmt: skip
def test_other_writing_is_refused(text: object) -> None:
    with pytest.raises(RuleError) as caught:
        parse_moment(text, "/occurred_at")
    assert (caught.value.code, caught.value.pointer) == ("moment.malformed", "/occurred_at")


@pytest.mark.parametrize(
    "at",
    [datetime(112, 5, 1, tzinfo=UTC), datetime(1999, 12, 31, 23, 59, tzinfo=UTC), NOW + timedelta(days=1, seconds=1)],
)
def test_a_moment_that_nobody_meant_is_refused(at: datetime) -> None:
    with pytest.raises(RuleError) as caught:
        require_moment(at, NOW)
    assert caught.value.code == "moment.out_of_bounds"


def test_the_bounds_themselves_are_allowed() -> None:
    for at in (datetime(2000, 1, 1, tzinfo=UTC), NOW + timedelta(days=1)):
        assert require_moment(at, NOW) == at


def test_a_moment_comes_back_in_utc() -> None:
    beijing = timezone(timedelta(hours=8))
    assert require_moment(datetime(2026, 11, 21, 11, 0, tzinfo=beijing), NOW).tzinfo is UTC


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(RuleError) as caught:
        require_moment(datetime(2026, 11, 21, 3, 0), NOW)  # noqa: DTZ001
    assert caught.value.code == "moment.without_zone"
