"""Counting of periods: hours over a change of time, the ends of months, and working days that were made up."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.deadlines.counting import Counting, DayOffs, period_end, read_period
from incident.data.working_calendars import shipped

BRUSSELS, SHANGHAI, NEW_YORK = ZoneInfo("Europe/Brussels"), ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
BEGIN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
PERIODS = ["PT30M", "PT72H", "P1D", "P30D", "P1M", "P4BD", "year_end+P60D"]


def end(
    period: str,
    start: str,
    zone: ZoneInfo,
    counting: Counting = "elapsed",
    calendar: DayOffs | None = None,
) -> tuple[str, str]:
    begun = dt.datetime.fromisoformat(start).replace(tzinfo=zone)
    ends = period_end(read_period(period), begun.astimezone(dt.UTC), zone, counting, calendar)
    assert ends.due_at.tzinfo == dt.UTC
    shown = (one.astimezone(zone).strftime("%Y-%m-%d %H:%M") for one in (ends.due_at, ends.lawful_at))
    return next(shown), next(shown)


def test_hours_do_not_stop_for_the_night_nor_for_a_change_of_time() -> None:
    assert end("PT24H", "2026-10-24 12:00", BRUSSELS)[0] == "2026-10-25 11:00"  # summer time ends
    assert end("PT24H", "2026-03-28 12:00", BRUSSELS)[0] == "2026-03-29 13:00"  # and begins


def test_days_end_at_the_same_time_on_the_wall_or_after_so_many_hours_if_that_is_earlier() -> None:
    assert end("P1D", "2026-10-24 12:00", BRUSSELS)[0] == "2026-10-25 11:00"
    assert end("P1D", "2026-03-28 12:00", BRUSSELS)[0] == "2026-03-29 12:00"


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-01-31 10:00", "2026-02-28 10:00"),
        ("2028-01-31 10:00", "2028-02-29 10:00"),
        ("2028-02-29 10:00", "2028-03-29 10:00"),
        ("2026-12-15 10:00", "2027-01-15 10:00"),
        ("2026-10-31 10:00", "2026-11-30 10:00"),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_the_last_of_a_shorter_month(start: str, due: str) -> None:
    assert end("P1M", start, BRUSSELS)[0] == due


def test_four_working_days_over_a_saturday_that_is_made_up() -> None:
    china = shipped()["china"]
    [made_up, *_] = sorted(day for day in china.working if day.year == 2026 and day.weekday() == 5)
    friday = made_up - dt.timedelta(days=1)
    assert china.is_working_day(made_up)
    by_calendar = end("P1BD", f"{friday} 10:00", SHANGHAI, calendar=china)
    assert by_calendar == (f"{made_up} 10:00", f"{made_up + dt.timedelta(days=1)} 00:00")
    assert end("P1BD", f"{friday} 10:00", SHANGHAI)[0] == f"{made_up + dt.timedelta(days=2)} 10:00"


def test_while_the_holidays_of_a_year_are_only_expected_the_earlier_end_counts() -> None:
    begun = dt.datetime(2031, 9, 29, 2, 0, tzinfo=dt.UTC)
    china = shipped()["china"]
    assert not china.is_known(2031)
    ends = period_end(read_period("P4BD"), begun, SHANGHAI, "elapsed", china)
    assert ends.notes == ("calendar_expected",)
    assert ends.due_at <= period_end(read_period("P4BD"), begun, SHANGHAI, "elapsed", None).due_at


def test_a_period_of_days_lawfully_ends_with_its_last_day_or_the_next_that_is_worked() -> None:
    assert end("P30D", "2026-03-02 10:00", SHANGHAI, "cn-civil", shipped()["china"]) == (
        "2026-04-01 10:00",
        "2026-04-02 00:00",
    )
    assert end("P1M", "2026-05-28 10:00", BRUSSELS, "eu-1182-71") == ("2026-06-28 10:00", "2026-06-30 00:00")


@pytest.mark.parametrize("text", ["", "P", "PT", "P1", "PT1H30", "P1W", "4 hours", "P1M2D", "year_end+"])
def test_a_period_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_period(text)


@given(
    st.sampled_from(PERIODS),
    st.integers(0, 15 * 365 * 24 * 60).map(lambda minutes: BEGIN + dt.timedelta(minutes=minutes)),
    st.sampled_from([BRUSSELS, SHANGHAI, NEW_YORK]),
    st.sampled_from(["elapsed", "cn-civil", "eu-1182-71"]),
    st.sampled_from([None, shipped()["china"]]),
)
def test_an_end_is_after_its_start_and_the_lawful_one_never_before_the_strict_one(
    period: str, start: dt.datetime, zone: ZoneInfo, counting: Counting, calendar: DayOffs | None
) -> None:
    ends = period_end(read_period(period), start, zone, counting, calendar)
    assert start < ends.due_at <= ends.lawful_at
    later = period_end(read_period(period), start + dt.timedelta(hours=1), zone, counting, calendar)
    # An hour later may be the last day of a longer month or a day off, whose end has an earlier hour of the same day.
    assert later.due_at.astimezone(zone).date() >= ends.due_at.astimezone(zone).date()


def test_the_evening_before_a_day_without_end_of_its_own_ends_on_the_same_day_as_that() -> None:
    assert end("P1M", "2026-01-30 23:30", SHANGHAI, "elapsed")[0] == "2026-02-28 23:30"
    assert end("P1M", "2026-01-31 00:30", SHANGHAI, "elapsed")[0] == "2026-02-28 00:30"
    assert end("P4BD", "2026-05-29 23:30", BRUSSELS, "elapsed")[0] == "2026-06-04 23:30"
    assert end("P4BD", "2026-05-30 00:30", BRUSSELS, "elapsed")[0] == "2026-06-04 00:30"


def test_a_last_day_moves_past_holidays_that_are_published_and_not_past_those_only_expected() -> None:
    class Calendar:
        def __init__(self, *years: int) -> None:
            self.years = years

        def is_working_day(self, day: dt.date) -> bool:
            return day.weekday() < 5 and (day.month, day.day) not in {(12, 31), (1, 1)}

        def is_known(self, year: int) -> bool:
            return year in self.years

    def lawful(*years: int) -> tuple[str, tuple[str, ...]]:
        begun = dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC)  # its 30 days end on Thursday, 31 December
        ends = period_end(read_period("P30D"), begun, SHANGHAI, "cn-civil", Calendar(*years))
        return ends.lawful_at.astimezone(SHANGHAI).strftime("%Y-%m-%d"), ends.notes

    assert lawful(2026, 2027) == ("2027-01-05", ())
    assert lawful(2026) == ("2027-01-01", ("calendar_expected",))
    assert lawful() == ("2027-01-01", ("calendar_expected",))
