"""Local time and UTC, across daylight-saving changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.local_time import moment_of, parse_wall

wall = datetime.fromisoformat
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe")]
WALLS = st.datetimes(wall("2024-01-01 00:00"), wall("2030-01-01 00:00"))


def test_a_skipped_time_is_when_the_clock_is_put_forward() -> None:
    forward = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert moment_of(wall("2026-03-29 02:30"), BERLIN) == forward
    assert moment_of(wall("2026-03-29 03:00"), BERLIN) == forward


def test_of_an_hour_that_comes_twice_the_first_counts() -> None:
    assert moment_of(wall("2026-10-25 02:30"), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(WALLS, st.timedeltas(timedelta(0), timedelta(days=2)), st.sampled_from(ZONES))
def test_what_is_later_on_the_wall_never_comes_earlier(shown: datetime, later: timedelta, zone: ZoneInfo) -> None:
    assert moment_of(shown, zone) <= moment_of(shown + later, zone)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-09 08:30",
        " 2026-11-09T08:30 ",
        "2026/11/9 8:30",
        "2026.11.09, 08:30",
        "2026年11月9日 8:30",
        "2026年11月9日8时30分",
        "2026-11-09 8：30",
    ],
)
def test_dates_are_read_as_people_of_both_languages_type_them(typed: str) -> None:
    assert parse_wall(typed) == wall("2026-11-09 08:30")


def test_a_date_alone_is_its_midnight_and_an_offset_is_kept() -> None:
    assert parse_wall("2026/11/9") == wall("2026-11-09 00:00")
    assert parse_wall("2026-11-09T08:30:00+01:00") == wall("2026-11-09 08:30+01:00")


@pytest.mark.parametrize("typed", ["soon", "11/29/2026 08:30", "2026-13-01", "2026-02-30 08:30", "2026-11-09 25:00"])
def test_what_is_no_date_is_none(typed: str) -> None:
    assert parse_wall(typed) is None
