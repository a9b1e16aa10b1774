"""People on duty: at a moment, shift by shift, and the gaps."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, Literal

from incident.core.duty.rota import DAY, Override, Rota, Rotation
from incident.core.duty.working_calendar import WorkingCalendar
from incident.core.values.local_time import moment_of, wall_of
from incident.core.values.moment import format_moment

How = Literal["turn", "stand_in", "override"]

NOBODY: Final[Set[str]] = frozenset()
_NEAR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person is on duty: their turn, substitution for an absent person, or an override.

    `begins_at` (UTC) is when the turn, or with hours the shift, began; None for an override of no rotation.
    """

    person: str
    how: How
    rotation: str | None = None
    begins_at: datetime | None = None
    instead_of: str | None = None
    why: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the reason in the form of the API and the journal."""
        written = {
            "person": self.person,
            "how": self.how,
            "rotation": self.rotation,
            "begins_at": self.begins_at and format_moment(self.begins_at),
            "instead_of": self.instead_of,
            "why": self.why,
        }
        return {name: value for name, value in written.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Duty:
    """The people on duty, and why; a gap when there is nobody."""

    because: tuple[Reason, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """The logins without duplicates, the first decides."""
        return tuple(dict.fromkeys(reason.person for reason in self.because))

    @property
    def is_gap(self) -> bool:
        """Whether nobody is on duty."""
        return not self.because

    @property
    def rotation(self) -> str | None:
        """The name of the rotation that decided, None in a gap or under an override of no rotation."""
        return self.because[0].rotation if self.because else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period from `start` until `end` (UTC) in which the duty does not change."""

    start: datetime
    end: datetime
    duty: Duty


@dataclass(frozen=True, slots=True)
class Shift:
    """A person is on duty from `start` until `end` (UTC) for one reason."""

    start: datetime
    end: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Gap:
    """A period from `start` until `end` (UTC) in which nobody is on duty."""

    start: datetime
    end: datetime


def on_duty(rota: Rota, calendar: WorkingCalendar, zone: tzinfo, at: datetime, absent: Set[str] = NOBODY) -> Duty:
    """Return the duty at a moment (UTC).

    Args:
        rota: the department's rota.
        calendar: the calendar of working days.
        zone: the time zone of hours and hand-overs.
        at: the moment.
        absent: logins that are ignored, such as those of people who have left.
    """
    return _duty(rota, zone, at, absent, lambda place: _day_covering(rota.rotations[place], calendar, zone, at))


def _duty(rota: Rota, zone: tzinfo, at: datetime, absent: Set[str], day_covering: Callable[[int], date | None]) -> Duty:
    """Return the duty at a moment; `day_covering` returns the day on which the shift of a rotation begins."""
    away = absent | rota.away(at)
    overrides = [one for one in rota.overrides if one.start <= at < one.end and one.person not in absent]
    deciding: list[Reason] = []
    beside: list[Reason] = []
    for place, rotation in enumerate(rota.rotations):
        if deciding and not rotation.is_beside:
            continue
        day = day_covering(place)
        reason = None if day is None else _reason(rotation, day, zone, away, overrides)
        if reason is not None:
            (beside if rotation.is_beside else deciding).append(reason)
    for one in overrides:
        if one.instead_of is None:
            deciding = [Reason(one.person, "override", why=one.why)]
    return Duty(_each_once(deciding + beside))


def stretches(
    rota: Rota, calendar: WorkingCalendar, zone: tzinfo, start: datetime, end: datetime, absent: Set[str] = NOBODY
) -> Iterator[Stretch]:
    """Return the duty from `start` until `end` (UTC) as periods without overlaps or holes; gaps are included."""
    lines = [_Line.of(rotation, calendar, zone, start, end) for rotation in rota.rotations]
    near, looked_until = _near(rota, start, start + _NEAR), start + _NEAR
    began, duty = start, _duty(near, zone, start, absent, lambda place: lines[place].day_at(start))
    for at in _changes(rota, lines, start, end):
        if at >= looked_until:
            near, looked_until = _near(rota, at, at + _NEAR), at + _NEAR
        following = _duty(near, zone, at, absent, lambda place, at=at: lines[place].day_at(at))  # type: ignore[misc]
        if following != duty:
            yield Stretch(began, at, duty)
            began, duty = at, following
    if began < end:
        yield Stretch(began, end, duty)


def shifts(
    rota: Rota, calendar: WorkingCalendar, zone: tzinfo, start: datetime, end: datetime, absent: Set[str] = NOBODY
) -> tuple[Shift, ...]:
    """Return all shifts between two moments (UTC), cut at both, in order of their start."""
    running: dict[Reason, datetime] = {}
    found: list[Shift] = []
    for stretch in stretches(rota, calendar, zone, start, end, absent):
        for reason in [reason for reason in running if reason not in stretch.duty.because]:
            found.append(Shift(running.pop(reason), stretch.start, reason))
        for reason in stretch.duty.because:
            running.setdefault(reason, stretch.start)
    found += [Shift(began, end, reason) for reason, began in running.items()]
    return tuple(sorted(found, key=lambda shift: (shift.start, shift.end)))


def gaps(
    rota: Rota, calendar: WorkingCalendar, zone: tzinfo, start: datetime, end: datetime, absent: Set[str] = NOBODY
) -> tuple[Gap, ...]:
    """Return all periods between two moments (UTC) in which nobody is on duty."""
    found = stretches(rota, calendar, zone, start, end, absent)
    return tuple(Gap(one.start, one.end) for one in found if one.duty.is_gap)


def _near(rota: Rota, start: datetime, end: datetime) -> Rota:
    """Return the rota with only the overrides and leave between two moments."""
    return replace(
        rota,
        overrides=tuple(one for one in rota.overrides if one.start < end and one.end > start),
        leave=tuple(one for one in rota.leave if one.start < end and one.end > start),
    )


def _each_once(reasons: list[Reason]) -> tuple[Reason, ...]:
    """Return the reasons without duplicates of a person."""
    first: dict[str, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.person, reason)
    return tuple(first.values())


def _window(rotation: Rotation, day: date) -> tuple[datetime, datetime]:
    """Return start and end, in local time (naive), of the shift that begins on a day."""
    hours = rotation.hours
    begin, end = (hours.start, hours.end) if hours else (rotation.handover, rotation.handover)
    return datetime.combine(day, begin), datetime.combine(day if end > begin else day + DAY, end)


@dataclass(frozen=True, slots=True)
class _Line:
    """The boundaries of a rotation's consecutive shifts, and the days on which they begin."""

    starts: list[datetime]
    ends: list[datetime]
    days: list[date]

    @classmethod
    def of(cls, rotation: Rotation, calendar: WorkingCalendar, zone: tzinfo, start: datetime, end: datetime) -> "_Line":
        """Return the line of a rotation between two moments."""
        line = cls([], [], [])
        day, after = wall_of(start, zone).date() - DAY, wall_of(end, zone).date() + DAY
        while day <= after:
            first, last = (moment_of(wall, zone) for wall in _window(rotation, day))
            if first < last and _is_counted(rotation, calendar, day):
                line.starts.append(first)
                line.ends.append(last)
                line.days.append(day)
            day += DAY
        return line

    def day_at(self, at: datetime) -> date | None:
        """Return the day on which the shift that covers a moment begins."""
        place = bisect_right(self.starts, at) - 1
        return self.days[place] if place >= 0 and at < self.ends[place] else None


def _changes(rota: Rota, lines: Iterable[_Line], start: datetime, end: datetime) -> list[datetime]:
    """Return the moments between two at which the duty may change."""
    found = {moment for given in rota.overrides for moment in (given.start, given.end)}
    found |= {moment for away in rota.leave for moment in (away.start, away.end)}
    for line in lines:
        found.update(line.starts)
        found.update(line.ends)
    return sorted(at for at in found if start < at < end)


def _reason(rotation: Rotation, day: date, zone: tzinfo, away: Set[str], overrides: list[Override]) -> Reason | None:
    """Return who of a rotation has the shift that begins on a day, None when nobody is available."""
    begins = _window(rotation, day)[0]
    anchor = datetime.combine(rotation.starts_on, rotation.handover)
    turn = (begins - anchor) // (DAY * rotation.every)
    if turn < 0:
        return None
    if rotation.hours is None:
        begins = anchor + DAY * rotation.every * turn
    reason = _turn_of(rotation, turn, moment_of(begins, zone), away)
    nominal = rotation.people[turn % len(rotation.people)]
    for one in overrides:
        if one.instead_of is not None and one.instead_of in {nominal, reason.person if reason else nominal}:
            reason = Reason(one.person, "override", rotation.name, moment_of(begins, zone), one.instead_of, one.why)
    return reason


def _turn_of(rotation: Rotation, turn: int, begins_at: datetime, away: Set[str]) -> Reason | None:
    """Return whose turn it is, or the next available person in the rotation."""
    count = len(rotation.people)
    nominal = rotation.people[turn % count]
    if nominal not in away:
        return Reason(nominal, "turn", rotation.name, begins_at)
    following = (rotation.people[(turn + step) % count] for step in range(1, count))
    stands_in = next((person for person in following if person not in away), None)
    return None if stands_in is None else Reason(stands_in, "stand_in", rotation.name, begins_at, nominal)


def _day_covering(rotation: Rotation, calendar: WorkingCalendar, zone: tzinfo, at: datetime) -> date | None:
    """Return the day on which the shift that covers a moment begins.

    The day after is checked as well: where clocks are put back over midnight, its first minute comes before the last
    hour of the day.
    """
    today = wall_of(at, zone).date()
    for day in (today, today - DAY, today + DAY):
        first, last = _window(rotation, day)
        if moment_of(first, zone) <= at < moment_of(last, zone) and _is_counted(rotation, calendar, day):
            return day
    return None


def _is_counted(rotation: Rotation, calendar: WorkingCalendar, day: date) -> bool:
    if isinstance(rotation.days, frozenset):
        return day.weekday() in rotation.days
    return rotation.days == "all" or calendar.is_working_day(day) == (rotation.days == "working")
