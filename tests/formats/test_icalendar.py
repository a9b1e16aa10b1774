"""Shifts as iCalendar output, events as iCalendar input."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.duty.on_duty import gaps, shifts
from incident.core.duty.rota import Rota, Rotation
from incident.core.duty.working_calendar import PLAIN
from incident.core.values.faults import RuleError
from incident.formats.icalendar import read_events, write_shifts

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROTA = Rota((Rotation("weeks", ("ann", "bob"), date(2026, 3, 2), 7, wall_time(8, 30)),))
EVENT = ("DTSTART;TZID=Asia/Shanghai:20260305T083000", "DTEND;TZID=Asia/Shanghai:20260305T183000", "SUMMARY:ann")


def written(start: datetime, days: int = 21) -> str:
    end = start + timedelta(days=days)
    found = shifts(ROTA, PLAIN, SHANGHAI, start, end), gaps(ROTA, PLAIN, SHANGHAI, start, end)
    return write_shifts("CERT", "Duty", *found, {"ann": "Ann"}, {"gap": "Nobody"}, "Asia/Shanghai", NOW)


def file(*events: tuple[str, ...]) -> bytes:
    bodies = "".join("BEGIN:VEVENT\r\n" + "\r\n".join(lines) + "\r\nEND:VEVENT\r\n" for lines in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{bodies}END:VCALENDAR\r\n".encode()


def starts(*events: tuple[str, ...], zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [f"{one.start:%m-%d %H:%M}" for one in read_events(file(*events), zone, NOW)]


def faults(*events: tuple[str, ...]) -> dict[str, str]:
    with pytest.raises(RuleError) as caught:
        read_events(file(*events), SHANGHAI, NOW)
    return {fault.pointer: fault.code for fault in caught.value.all}


def test_a_shift_has_the_same_uid_whenever_it_is_written() -> None:
    first = icalendar.Calendar.from_ical(written(datetime(2026, 3, 2, 0, 30, tzinfo=UTC)))
    again = icalendar.Calendar.from_ical(written(datetime(2026, 3, 2, 0, 30, tzinfo=UTC), 28))
    uids = [str(event["UID"]) for event in first.events]
    assert len(set(uids)) == 3
    assert uids == [str(event["UID"]) for event in again.events][:3]
    assert [str(event["SUMMARY"]) for event in first.events] == ["Ann", "bob", "Ann"]


def test_a_gap_is_an_event_as_well() -> None:
    calendar = icalendar.Calendar.from_ical(written(datetime(2026, 3, 1, 0, 30, tzinfo=UTC), 2))
    assert [str(event["SUMMARY"]) for event in calendar.events] == ["Ann", "Nobody"]


def test_what_was_written_is_read_as_the_same_shifts() -> None:
    start = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    found = read_events(written(start).encode(), BERLIN, NOW)
    assert [(one.start, one.end, one.who[0]) for one in found] == [
        (start, start + timedelta(days=7), "ann"),
        (start + timedelta(days=7), start + timedelta(days=14), "bob"),
        (start + timedelta(days=14), start + timedelta(days=21), "ann"),
    ]


def test_who_is_meant_is_said_by_mail_address_before_the_summary() -> None:
    [one] = read_events(file((*EVENT, "ATTENDEE;CN=Ann Li:mailto:ann@example.org")), SHANGHAI, NOW)
    assert one.who == ("ann@example.org", "Ann Li", "ann")


def test_times_without_a_zone_and_days_are_meant_by_the_wall_clock_of_the_department() -> None:
    floating = ("DTSTART:20260305T083000", "DURATION:PT10H", "SUMMARY:a")
    days = ("DTSTART;VALUE=DATE:20260307", "DTEND;VALUE=DATE:20260309", "SUMMARY:a")
    assert starts(floating, days) == ["03-05 00:30", "03-06 16:00"]


def test_what_repeats_keeps_its_time_on_the_wall_when_clocks_are_put_forward() -> None:
    weekly = ("DTSTART;TZID=Europe/Berlin:20260322T083000", "DURATION:P1D", "RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:a")
    found = read_events(file(weekly), SHANGHAI, NOW)
    assert [f"{one.start:%m-%d %H:%M}" for one in found] == ["03-22 07:30", "03-29 06:30"]


def test_times_that_are_left_out_moved_or_added_are_heeded() -> None:
    daily = (*EVENT, "UID:1", "RRULE:FREQ=DAILY;UNTIL=20260309T003000Z", "EXDATE;TZID=Asia/Shanghai:20260306T083000")
    moved = (
        "UID:1",
        "RECURRENCE-ID;TZID=Asia/Shanghai:20260307T083000",
        "DTSTART:20260307T100000Z",
        "DTEND:20260307T110000Z",
        "SUMMARY:bob",
    )
    added = (*EVENT, "RDATE;TZID=Asia/Shanghai:20260401T083000", "STATUS:CONFIRMED")
    assert starts(daily, moved) == ["03-05 00:30", "03-07 10:00", "03-08 00:30", "03-09 00:30"]
    assert starts(added) == ["03-05 00:30", "04-01 00:30"]
    assert starts((*EVENT, "STATUS:CANCELLED")) == []


def test_what_repeats_for_ever_is_followed_for_400_days_and_what_is_over_is_left_out() -> None:
    found = starts(("DTSTART:20200101T000000Z", "DURATION:PT1H", "RRULE:FREQ=MONTHLY", "SUMMARY:a"))
    assert len(found) == 13
    assert found[0] == "04-01 00:00"


def test_every_fault_names_its_event() -> None:
    assert faults(
        EVENT,
        EVENT[:2],
        ("DTSTART:20260305T083000Z", "SUMMARY:a"),
        ("DTSTART:yesterday", "DTEND:20260305T083000Z", "SUMMARY:a"),
        (EVENT[1].replace("DTEND", "DTSTART"), EVENT[0].replace("DTSTART", "DTEND"), "SUMMARY:a"),
        ("DTEND:20260305T083000Z", "SUMMARY:a"),
        (*EVENT, "RRULE:FREQ=SECONDLY"),
        (*EVENT, "RRULE:FREQ=DAILY;INTERVAL=0"),
        (*EVENT, "RRULE:FREQ=DAILY;BYHOUR=1,2,3"),
        ("DTSTART:19000101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "SUMMARY:a"),
    ) == {
        "/events/1": "event.nobody",
        "/events/2": "event.no_end",
        "/events/3": "event.malformed",
        "/events/4": "event.length",
        "/events/5": "event.no_start",
        "/events/6": "event.rule",
        "/events/7": "event.rule",
        "/events/8": "event.rule",
        "/events/9": "event.long_ago",
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "icalendar.unreadable"),
        (b"\xff\xfe\x00", "icalendar.unreadable"),
        (b"BEGIN:VCALENDAR\r\n" * 10_000, "icalendar.too_large"),
        (b"A:B\n" * 20_001, "icalendar.too_large"),
        (file(), "icalendar.events"),
        (file(*[EVENT] * 501), "icalendar.events"),
        (file(*[(*EVENT, "RRULE:FREQ=DAILY")] * 51), "icalendar.events"),
        (b"x" * (1 << 20) + b"x", "icalendar.too_large"),
    ],
)
def test_a_file_that_is_hostile_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_events(body, SHANGHAI, NOW)
    assert caught.value.code == code


def test_rules_that_never_come_true_or_come_true_too_often_take_no_time() -> None:
    began = time.monotonic()
    never = (*EVENT, "RRULE:FREQ=DAILY;COUNT=9;BYMONTH=2;BYMONTHDAY=30")
    assert starts(*[never] * 50) == []
    assert faults(*[(*EVENT, "RRULE:FREQ=DAILY")] * 50) == {"/events/2": "icalendar.times"}
    assert time.monotonic() - began < 5


LINES = st.sampled_from(
    [
        *EVENT,
        "RRULE:FREQ=WEEKLY;BYDAY=MO",
        "RRULE:",
        "RRULE:FREQ=YEARLY;BYWEEKNO=99;COUNT=x",
        "EXDATE:1",
        "DURATION:-P1D",
        "DURATION:P9999999999D",
        "DTSTART;VALUE=PERIOD:20260101T000000Z/PT5H",
        "DTSTART;TZID=Nowhere/Land:20260305T083000",
        "DTSTART:00010101T000000",
        "DTEND:99991231T235959Z",
        "DTEND;VALUE=DATE:20260309",
        "RDATE;VALUE=PERIOD:20260101T000000Z/PT5H",
        "RECURRENCE-ID:20260101",
        "ATTENDEE:",
        "BEGIN:VALARM",
        "END:VALARM",
        "END:VEVENT",
        ";;;=:",
    ]
)


@given(st.lists(st.lists(LINES, max_size=6).map(tuple), min_size=1, max_size=3))
def test_whatever_comes_is_read_or_refused(events: list[tuple[str, ...]]) -> None:
    try:
        found = read_events(file(*events), SHANGHAI, NOW)
    except RuleError:
        return
    assert all(one.start < one.end and one.who for one in found)


def test_a_year_that_no_duty_is_in_is_a_fault_of_its_event() -> None:
    early = ("DTSTART:19000101T000000", "DTEND:00010101T000000", "SUMMARY:li.wei")
    assert faults(early) == {"/events/0": "event.malformed"}


CHANGE = "BEGIN:{0}\r\nDTSTART:{1}\r\n{2}TZOFFSETFROM:{3}\r\nTZOFFSETTO:{4}\r\nEND:{0}\r\n"
LOCAL = ("DTSTART;TZID=Mine:20260305T083000", "DTEND;TZID=Mine:20260305T183000", "SUMMARY:ann")


def zoned(*changes: str) -> bytes:
    """A file that describes the zone in which its event is."""
    zone = "BEGIN:VTIMEZONE\r\nTZID:Mine\r\n" + "".join(changes) + "END:VTIMEZONE\r\n"
    return file(LOCAL).replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\n" + zone.encode())


def change(kind: str, start: str, rule: str, before: str, after: str) -> str:
    return CHANGE.format(kind, start, f"{rule}\r\n" if rule else "", before, after)


SUMMER = change("DAYLIGHT", "19700329T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "+0100", "+0200")


def test_a_zone_that_a_file_describes_counts_in_that_file_and_in_no_other() -> None:
    def begins(body: bytes) -> str:
        return f"{read_events(body, SHANGHAI, NOW)[0].start:%H:%M}"

    assert begins(zoned(change("STANDARD", "19700101T000000", "", "+0200", "+0200"))) == "06:30"
    assert begins(zoned(change("STANDARD", "19700101T000000", "", "+0500", "+0500"))) == "03:30"
    assert begins(file(LOCAL)) == "00:30", "the department's own zone"
    winter = change("STANDARD", "16010101T030000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "+0200", "+0100")
    assert begins(zoned(winter, SUMMER)) == "07:30"


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=MINUTELY;UNTIL=20370101T000000Z",
        "RRULE:FREQ=YEARLY;BYHOUR=0,1,2;BYSECOND=1,2,3",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;INTERVAL=7",
        "RDATE:" + ",".join(["19800101T000000"] * 501),
        "\r\n".join(["RRULE:FREQ=YEARLY;BYMONTH=10"] * 21),
    ],
)
def test_a_zone_whose_clocks_change_by_a_rule_that_takes_hours_is_refused_at_once(rule: str) -> None:
    began = time.monotonic()
    with pytest.raises(RuleError) as caught:
        read_events(zoned(change("STANDARD", "19701025T030000", rule, "+0200", "+0100"), SUMMER), SHANGHAI, NOW)
    assert (caught.value.code, caught.value.arguments) == ("icalendar.zone", {"zone": "Mine"})
    assert time.monotonic() - began < 5
