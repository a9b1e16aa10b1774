"""Recurrence, local time and turns give what python-dateutil gives, the library that many calendars use.

Three differences are wanted, and each has a test of its own: a local time that the clock skips begins when the clock is
put forward (`dateutil` adds the skipped hour, so that shifts could overlap); `MO` and `-1MO` of one rule add up, as RFC
5545 says (`dateutil` takes only days that are both); a rule without any day ends at its horizon (`dateutil` searches
until the year 9999).
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import tz
from dateutil.rrule import DAILY, rrule, rrulestr
from hypothesis import given
from hypothesis import strategies as st

from incident.core.duty.daytime import Span
from incident.core.duty.on_duty import on_duty
from incident.core.duty.recurrence import read_recurrence
from incident.core.duty.rota import Rota, Rotation
from incident.core.duty.working_calendar import PLAIN, WEEKDAYS
from incident.core.values.local_time import moment_of
from incident.formats.icalendar import read_events

ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Asia/Shanghai",
            "Europe/Berlin",
            "America/New_York",
            "America/St_Johns",
            "America/Santiago",  # the clock is put forward at midnight
            "America/Havana",
            "Australia/Lord_Howe",  # by half an hour
            "Africa/Casablanca",  # twice a year for Ramadan
            "Pacific/Apia",  # skipped the whole of 2011-12-30
        )
    ]
)
DAYS = st.dates(date(2007, 1, 1), date(2035, 12, 31)) | st.sampled_from(
    [
        date(2024, 2, 29),
        date(2026, 1, 31),
        date(2026, 3, 29),
        date(2026, 10, 25),
        date(2011, 12, 29),
        date(2026, 12, 31),
    ]
)
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
WEEKDAY = st.sampled_from(WEEKDAYS)
COUNTED = st.tuples(st.integers(-5, 5).filter(bool), WEEKDAY).map(lambda pair: f"{pair[0]}{pair[1]}")


def lists(values: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=most, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Return the parts of a rule that we support, in all their combinations."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts: dict[str, list[Any]] = {"FREQ": [frequency]}
    more = {
        "INTERVAL": st.integers(1, 14).map(lambda n: [n]),
        "COUNT": st.integers(1, 40).map(lambda n: [n]),
        "BYMONTH": lists(st.integers(1, 12)),
        "BYMONTHDAY": lists(st.integers(-31, 31).filter(bool)),
        "WKST": WEEKDAY.map(lambda day: [day]),
        "BYDAY": lists(WEEKDAY) if frequency in {"DAILY", "WEEKLY"} else lists(WEEKDAY) | lists(COUNTED),
    }
    for name, values in more.items():
        if draw(st.booleans()):
            parts[name] = draw(values)
    if frequency == "YEARLY" and "BYDAY" in parts:
        parts.setdefault("BYMONTH", draw(more["BYMONTH"]))
    return parts


def as_text(parts: dict[str, list[Any]]) -> str:
    return ";".join(f"{name}={','.join(map(str, values))}" for name, values in parts.items())


def days_of_dateutil(parts: dict[str, list[Any]], first: date, last: date) -> list[date]:
    """Return the days by dateutil.

    They end by UNTIL, because a rule with COUNT and without any day is searched until the year 9999.
    """
    text = as_text({name: values for name, values in parts.items() if name != "COUNT"})
    rule = rrulestr(f"{text};UNTIL={last:%Y%m%d}", dtstart=datetime.combine(first, time()))
    return [at.date() for at in islice(rule, parts.get("COUNT", [None])[0])]


@given(rules(), DAYS, st.integers(0, 1_500))
def test_a_rule_falls_on_the_days_of_dateutil(parts: dict[str, list[Any]], first: date, length: int) -> None:
    last = first + timedelta(days=length)
    assert list(read_recurrence(parts).days(first, last)) == days_of_dateutil(parts, first, last)


def test_each_monday_and_the_last_one_are_both_meant_although_dateutil_takes_only_days_that_are_both() -> None:
    parts = {"FREQ": ["MONTHLY"], "BYDAY": ["MO", "-1MO", "1FR"]}
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    found = [day.day for day in read_recurrence(parts).days(first, last)]
    assert found == [2, 6, 9, 16, 23, 30]  # RFC 5545 section 3.3.10: BYDAY adds the days of its list
    assert days_of_dateutil(parts, first, last) == [date(2026, 11, 30)]


def is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    return not tz.datetime_exists(wall.replace(tzinfo=zone))


@given(DAYS, TIMES, ZONES)
def test_a_local_time_is_the_moment_of_dateutil_or_when_the_clock_is_put_forward(
    day: date, at: time, zone: ZoneInfo
) -> None:
    wall = datetime.combine(day, at)
    found = moment_of(wall, zone)
    if not is_skipped(wall, zone):
        assert found == wall.replace(tzinfo=zone).astimezone(UTC)
        return
    later = tz.resolve_imaginary(wall.replace(tzinfo=zone)).astimezone(UTC)
    before, after = ((found + step).astimezone(zone) for step in (timedelta(seconds=-1), timedelta(0)))
    assert found <= later
    assert before.replace(tzinfo=None) < wall < after.replace(tzinfo=None)  # the clock jumps over it at that moment


@given(rules(), st.dates(date(2026, 1, 1), date(2026, 3, 1)), TIMES, ZONES)
def test_an_event_of_a_file_begins_when_dateutil_says_in_each_zone(
    parts: dict[str, list[Any]], first: date, at: time, zone: ZoneInfo
) -> None:
    parts = {**parts, "COUNT": [min(parts.get("COUNT", [40])[0], 40)]}
    lines = (f"DTSTART;TZID={zone.key}:{first:%Y%m%d}T{at:%H%M}00", "DURATION:PT15M", f"RRULE:{as_text(parts)}")
    event = "\r\n".join(["BEGIN:VEVENT", *lines, "SUMMARY:ann", "END:VEVENT"])
    file = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}\r\nEND:VCALENDAR\r\n".encode()
    walls = [datetime.combine(day, at) for day in days_of_dateutil(parts, first, date(2027, 1, 31))]
    expected = {wall.replace(tzinfo=zone).astimezone(UTC) for wall in walls if not is_skipped(wall, zone)}
    now = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=1)
    found = {one.start for one in read_events(file, zone, now) if one.start < datetime(2027, 1, 31, tzinfo=UTC)}
    skipped = {moment_of(wall, zone) for wall in walls if is_skipped(wall, zone)}
    assert found == {one for one in expected if one < datetime(2027, 1, 31, tzinfo=UTC)} | skipped


LATER = datetime.combine(date(2026, 12, 1), time())
ROTATIONS = st.builds(
    Rotation,
    st.just("a"),
    st.sampled_from([("ann",), ("ann", "bob"), ("ann", "bob", "cho")]),
    st.dates(date(2026, 1, 1), date(2026, 11, 1)),
    st.integers(1, 15),
    TIMES,
    st.none() | st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Span(*pair)),
    st.just("all") | st.frozensets(st.integers(0, 6), min_size=1),
)
CHANGES = st.sampled_from(
    [datetime(2026, m, d, tzinfo=UTC) for m, d in ((3, 8), (3, 29), (4, 5), (9, 6), (10, 25), (11, 1))]
)


@given(ROTATIONS, ZONES, CHANGES, st.timedeltas(timedelta(days=-2), timedelta(days=2)))
def test_the_turn_at_a_moment_is_the_last_hand_over_of_dateutil(
    rotation: Rotation, zone: ZoneInfo, change: datetime, after: timedelta
) -> None:
    at = change + after
    found = on_duty(Rota((rotation,)), PLAIN, zone, at).because
    handovers = [*rrule(DAILY, datetime.combine(rotation.starts_on, rotation.handover), rotation.every, until=LATER)]
    weekdays = None if rotation.days == "all" else sorted(rotation.days)
    begin, end = (rotation.hours.start, rotation.hours.end) if rotation.hours else (rotation.handover,) * 2
    days = rrule(
        DAILY,
        datetime.combine(rotation.starts_on - timedelta(days=1), begin),
        byweekday=weekdays,
        until=LATER,
    )
    running = [
        wall
        for wall in days
        if moment_of(wall, zone)
        <= at
        < moment_of(datetime.combine(wall if end > begin else wall + timedelta(days=1), end), zone)
    ]
    turns = bisect_right(handovers, running[-1]) if running else 0
    expected = rotation.people[(turns - 1) % len(rotation.people)] if turns else None
    assert [one.person for one in found] == ([expected] if expected else [])
    if expected:
        assert found[0].begins_at == moment_of(running[-1] if rotation.hours else handovers[turns - 1], zone)


def test_a_rule_without_any_day_ends_at_its_horizon_although_dateutil_searches_to_the_year_9999() -> None:
    parts: dict[str, list[Any]] = {"FREQ": ["DAILY"], "BYMONTH": [2], "BYMONTHDAY": [30]}
    assert list(read_recurrence(parts).days(date(2026, 1, 1), date(2027, 2, 5))) == []
