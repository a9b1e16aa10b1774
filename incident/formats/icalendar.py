"""iCalendar (RFC 5545): export of shifts as events, and import of events."""

import hashlib
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from incident.core.duty.on_duty import Gap, Shift
from incident.core.duty.recurrence import read_recurrence
from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.local_time import moment_of, wall_of
from incident.core.values.text import one_line
from incident.formats.icalendar_zones import require_simple_zones

if TYPE_CHECKING:  # loaded when it is needed: it takes a tenth of a second of every start
    from icalendar import Component, Event

SIZE_LIMIT: Final = 1 << 20
MAX_EVENTS: Final = 500
MAX_REPEATING: Final = 50
MAX_LINES: Final = 20_000
MAX_TIMES: Final = 1_000
AHEAD_LIMIT: Final = timedelta(days=400)
"""How far ahead of now a recurring event is expanded."""

YEARS: Final = range(1900, 9000)

_PARSING: Final = threading.Lock()
_LONG_AGO: Final = timedelta(days=366 * 20)


def write_shifts(
    department: str,
    name: str,
    shifts: Sequence[Shift],
    gaps: Sequence[Gap],
    people: Mapping[str, str],
    words: Mapping[str, str],
    zone: str,
    now: datetime,
) -> str:
    """The shifts of a department as events; the same shift has the same UID whenever it is written.

    Moments are in UTC, so that they are right in any program, also in an hour that comes twice.

    Args:
        department: its code, part of each UID.
        name: what the calendar is called.
        shifts: who has the duty, and when.
        gaps: when nobody has it.
        people: names by login.
        words: `gap`, the summary of a gap.
        zone: in which a program shows it (X-WR-TIMEZONE).
        now: when it is written (UTC).
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//incident//duty//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone)
    for shift in shifts:
        person, rotation = shift.reason.person, shift.reason.rotation or ""
        event = _event(f"{department}\n{rotation}\n{person}", shift.start, shift.end, now)
        event.add("summary", people.get(person, person))
        event.add("description", "\n".join(filter(None, [rotation, shift.reason.why])))
        event.add("contact", person)
        calendar.add_component(event)
    for gap in gaps:
        event = _event(f"{department}\n\n", gap.start, gap.end, now)
        event.add("summary", words["gap"])
        event.add("transp", "TRANSPARENT")
        event.add("categories", ["GAP"])
        calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _event(key: str, start: datetime, end: datetime, now: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    digest = hashlib.sha256(f"{key}\n{start.isoformat()}".encode()).hexdigest()
    event.add("uid", f"{digest[:32]}@incident")
    event.add("dtstamp", now.replace(microsecond=0))
    event.add("dtstart", start)
    event.add("dtend", end)
    return event


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of an event (UTC), and the texts that name its person, the best first.

    `pointer` is its location in the file: `/events/3` is the fourth event.
    """

    start: datetime
    end: datetime
    who: tuple[str, ...]
    why: str | None
    pointer: str


def read_events(body: bytes, zone: tzinfo, now: datetime) -> tuple[Occurrence, ...]:
    """Return every occurrence in a file that has not ended; recurring events are expanded for 400 days.

    Args:
        body: the file.
        zone: the time zone where the file names none.
        now: the current moment (UTC).

    Raises:
        RuleError: with every fault and the event it is in; `icalendar.unreadable`,
            `icalendar.too_large`, `icalendar.zone` for the whole.
    """
    if len(body) > SIZE_LIMIT or body.count(b"\n") > MAX_LINES or body.upper().count(b"BEGIN:") > 4 * MAX_EVENTS:
        raise RuleError("icalendar.too_large", {"limit": SIZE_LIMIT, "lines": MAX_LINES})
    calendar = _parsed(body)
    require_simple_zones(calendar)
    events = [event for event in calendar.subcomponents if event.name == "VEVENT"]
    repeating = sum("RRULE" in event for event in events)
    if not events or len(events) > MAX_EVENTS or repeating > MAX_REPEATING:
        raise RuleError("icalendar.events", {"most": MAX_EVENTS, "repeating": MAX_REPEATING})
    moved = _moved(events, zone)
    faults: list[RuleError] = []
    found: list[Occurrence] = []
    for index, event in enumerate(events):
        try:
            found += _occurrences(event, member("/events", index), zone, now, moved)
        except RuleError as fault:
            for one in fault.all:
                one.pointer = one.pointer or member("/events", index)
                faults.append(one)
        if len(found) > MAX_TIMES:
            faults.append(RuleError("icalendar.times", {"most": MAX_TIMES}, pointer=member("/events", index)))
            break
    raise_all(faults)
    return tuple(sorted(found, key=lambda one: one.start))


def _parsed(body: bytes) -> "Component":
    from icalendar import Calendar
    from icalendar.timezone import tzp

    try:
        with _PARSING:
            tzp.use_default()  # it would keep the zones of one file for later files
            return Calendar.from_ical(body)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise RuleError("icalendar.unreadable", {"why": one_line(str(error), 200)}) from error


def _moved(events: Sequence[Any], zone: tzinfo) -> set[tuple[str, datetime]]:
    """Return the occurrences that an event of their own replaces, by UID and moment."""
    moved = set()
    for event in events:
        if isinstance(at := getattr(event.get("RECURRENCE-ID"), "dt", None), date) and at.year in YEARS:
            moved.add((str(event.get("UID", "")), _moment(at, zone)))
    return moved


def _occurrences(
    event: Any, pointer: str, zone: tzinfo, now: datetime, moved: set[tuple[str, datetime]]
) -> Iterator[Occurrence]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    start, length = _span(event, pointer, zone)
    who = tuple(dict.fromkeys(filter(None, [*_attendees(event), one_line(str(event.get("SUMMARY", "")), 300)])))
    if not who:
        raise RuleError("event.nobody", pointer=pointer)
    why = one_line(str(event.get("DESCRIPTION", "")), 300) or None
    starts: Iterator[datetime] = iter((_moment(start, zone),))
    if "RECURRENCE-ID" not in event:
        left_out = _listed(event, "EXDATE", zone) | {at for uid, at in moved if uid == str(event.get("UID", ""))}
        starts = (at for at in _starts(event, start, pointer, zone, now) if at not in left_out)
    for at in starts:
        end = _end(at, length, zone)
        if end > now:
            yield Occurrence(at, end, who, why, pointer)


def _span(event: Any, pointer: str, zone: tzinfo) -> tuple[date, timedelta]:
    """Return the start and the length of an event: of whole days in local time, else in real time."""
    if event.errors:
        raise RuleError("event.malformed", {"why": one_line(str(event.errors[0][1]), 200)}, pointer=pointer)
    start = getattr(event.get("DTSTART"), "dt", None)
    end = getattr(event.get("DTEND"), "dt", None)
    length = getattr(event.get("DURATION"), "dt", None)
    if not isinstance(start, date):
        raise RuleError("event.no_start", pointer=pointer)
    if isinstance(length, timedelta):
        lasts = length
    elif isinstance(end, date) and isinstance(end, datetime) == isinstance(start, datetime):
        is_days = not isinstance(start, datetime)
        lasts = end - start if is_days else _moment(end, zone) - _moment(start, zone)
    elif end is None and not isinstance(start, datetime):
        lasts = timedelta(days=1)
    else:
        raise RuleError("event.no_end", pointer=pointer)
    if not timedelta(0) < lasts <= AHEAD_LIMIT:
        raise RuleError("event.length", {"most": AHEAD_LIMIT.days}, pointer=pointer)
    return start, lasts


def _end(start: datetime, length: timedelta, zone: tzinfo) -> datetime:
    if length % timedelta(days=1):
        return start + length
    return moment_of(wall_of(start, zone) + length, zone)  # whole days end at the same time on the wall


def _starts(event: Any, start: date, pointer: str, zone: tzinfo, now: datetime) -> Iterator[datetime]:
    """Yield the starts of an event: its own, those of its rule, and those it lists."""
    rules = event.get("RRULE")
    listed = sorted(_listed(event, "RDATE", zone))
    if rules is None:
        return iter([_moment(start, zone), *listed])
    if isinstance(rules, list):
        raise RuleError("event.rules", pointer=pointer)
    own = start.tzinfo if isinstance(start, datetime) and start.tzinfo else zone
    wall = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())
    if not now - _LONG_AGO <= moment_of(wall, own):
        raise RuleError("event.long_ago", pointer=pointer)
    horizon = wall_of(now + AHEAD_LIMIT, own)
    walls = _rule(rules, wall, horizon, own, pointer)
    return itertools.chain((moment_of(one, own) for one in walls), listed)


def _rule(
    rule: Mapping[str, Any], first: datetime, horizon: datetime, zone: tzinfo, pointer: str
) -> Iterator[datetime]:
    """Yield the local (naive) times at which a rule lets an event begin, until the horizon."""
    parts = {str(name).upper(): values for name, values in rule.items()}
    until = parts.pop("UNTIL", [None])[0]
    if isinstance(until, datetime):
        horizon = min(horizon, until.replace(tzinfo=None) if until.tzinfo is None else wall_of(until, zone))
    elif isinstance(until, date):
        horizon = min(horizon, datetime.combine(until, time.max))
    days = read_recurrence(parts, pointer).days(first.date(), horizon.date())
    walls = (datetime.combine(day, first.time()) for day in days)
    return (wall for wall in walls if wall <= horizon)


def _listed(event: Any, name: str, zone: tzinfo) -> set[datetime]:
    given = event.get(name, [])
    lists = given if isinstance(given, list) else [given]
    days = [getattr(one, "dt", None) for listed in lists for one in getattr(listed, "dts", ())]
    return {_moment(day, zone) for day in days[:MAX_TIMES] if isinstance(day, date)}


def _moment(at: date, zone: tzinfo) -> datetime:
    """Return the moment of a time; one without a zone, or a day, is in the local time of `zone`.

    Raises RuleError `event.malformed` for a year in which there is no duty, as year 1 is not in every zone.
    """
    if at.year not in YEARS:
        raise RuleError("event.malformed", {"why": f"year {at.year}"})
    if not isinstance(at, datetime):
        return moment_of(datetime.combine(at, time()), zone)
    return moment_of(at, zone) if at.tzinfo is None else at.astimezone(UTC)


def _attendees(event: Any) -> list[str]:
    """Return the texts by which an event names its participants: mail addresses, then names."""
    given = event.get("ATTENDEE", [])
    attendees = given if isinstance(given, list) else [given]
    addresses = [str(one).removeprefix("mailto:").removeprefix("MAILTO:") for one in attendees]
    contacts = event.get("CONTACT", [])
    named = [str(one) for one in (contacts if isinstance(contacts, list) else [contacts])]
    names = [str(one.params["CN"]) for one in attendees if "CN" in getattr(one, "params", {})]
    return [one_line(word, 300) for word in [*addresses, *named, *names] if word]
