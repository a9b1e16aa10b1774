"""Parts of a day in local time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from incident.core.duty.daytime import Span, WallClock, parse_daytime, read_span
from incident.core.values.faults import RuleError
from tests.core.notifications.policies import CLOCKS, MOMENTS, SPANS

BERLIN = ZoneInfo("Europe/Berlin")


@given(SPANS, MOMENTS, CLOCKS)
def test_a_span_ends_after_the_moment_and_outside_of_itself(span: Span, at: datetime, clock: WallClock) -> None:
    end = span.end_after(at, clock.zone)
    assert at < end <= at + timedelta(hours=26)
    assert not clock.is_in(span, end)


@given(SPANS)
def test_a_span_and_the_rest_of_the_day_are_the_whole_day(span: Span) -> None:
    rest = Span(span.end, span.start)
    assert all(span.holds(time(hour, 30)) != rest.holds(time(hour, 30)) for hour in range(24))


@given(SPANS)
def test_a_span_reads_back_from_what_it_writes(span: Span) -> None:
    assert read_span(span.to_json()) == span


def test_an_end_that_the_clocks_skip_comes_as_late_after_midnight_as_on_other_days() -> None:
    at = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30; at 02:00 the clocks are put on to 03:00
    assert Span(time(22), time(2, 30)).end_after(at, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_end_that_the_clocks_show_twice_ends_twice() -> None:
    span = Span(time(22), time(2, 30))
    first = span.end_after(datetime(2026, 10, 24, 23, 0, tzinfo=UTC), BERLIN)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert span.end_after(first, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_working_hours_are_those_of_a_working_day_in_the_zone() -> None:
    clock = WallClock(ZoneInfo("Asia/Shanghai"), lambda day: day == date(2026, 2, 14), Span(time(9), time(18)))
    assert clock.is_working(datetime(2026, 2, 14, 1, 0, tzinfo=UTC))
    assert not clock.is_working(datetime(2026, 2, 14, 0, 59, tzinfo=UTC))
    assert not clock.is_working(datetime(2026, 2, 16, 1, 0, tzinfo=UTC))


def test_without_a_calendar_monday_to_friday_are_worked() -> None:
    friday, saturday = datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert (WallClock().is_working(friday), WallClock().is_working(saturday)) == (True, False)


@pytest.mark.parametrize("text", ["8:00", "24:00", "08:60", "08:00:00", "noon", 8, None, "０8:00"])
def test_what_is_no_time_of_day_is_refused(text: object) -> None:
    with pytest.raises(RuleError) as caught:
        parse_daytime(text, "/from")
    assert (caught.value.code, caught.value.pointer) == ("daytime.malformed", "/from")


def test_a_span_cannot_begin_and_end_at_the_same_time() -> None:
    with pytest.raises(RuleError):
        Span(time(8), time(8))
