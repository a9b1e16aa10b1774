"""Local time and UTC, across daylight-saving changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.local_time import moment_of

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
