"""The rota of a department: rotations, overrides and leave."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal

from incident.core.duty.daytime import Span, parse_daytime, read_span
from incident.core.duty.working_calendar import WEEKDAYS, read_day, read_weekday
from incident.core.values.document import Reader, text
from incident.core.values.duration import format_duration, parse_duration
from incident.core.values.faults import RuleError, member
from incident.core.values.moment import EARLIEST, format_moment, parse_moment

MAX_ROTATIONS: Final = 20
MAX_PEOPLE: Final = 100
MAX_OVERRIDES: Final = 1_000
MAX_LEAVE: Final = 1_000
MAX_DAYS: Final = 366
DAY: Final = timedelta(days=1)
LOGIN_LIMIT: Final = 200
NAME_LIMIT: Final = 100
WHY_LIMIT: Final = 500
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

_BOUNDS: Final = {"earliest": EARLIEST.year, "latest": LATEST.year}

Kinds = Literal["all", "working", "off"]
KINDS: Final = ("all", "working", "off")


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns.

    A turn lasts `every` days and begins at `handover`, the first on `starts_on`. Without `hours` it covers the whole
    time, else these hours of each day; a shift belongs to the day on which it begins, and to the person whose turn it
    then is. `days` are the kinds of days, or the days of the week from Monday = 0, on which shifts begin. `is_beside`
    adds its person to those of the other rotations.
    """

    name: str
    people: tuple[str, ...]
    starts_on: date
    every: int
    handover: time
    hours: Span | None = None
    days: Kinds | frozenset[int] = "all"
    is_beside: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the rotation in the form of the API."""
        days = self.days if isinstance(self.days, str) else [WEEKDAYS[day] for day in sorted(self.days)]
        written: dict[str, Any] = {
            "name": self.name,
            "people": list(self.people),
            "starts_on": self.starts_on.isoformat(),
            "every": format_duration(DAY * self.every),
            "handover": f"{self.handover:%H:%M}",
            "days": days,
            "beside": self.is_beside,
        }
        return written | ({"hours": self.hours.to_json()} if self.hours else {})


@dataclass(frozen=True, slots=True)
class Override:
    """`person` is on duty from `start` until `end` (UTC), in place of one person, or of all."""

    start: datetime
    end: datetime
    person: str
    instead_of: str | None = None
    why: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the override in the form of the API."""
        more = {"instead_of": self.instead_of, "why": self.why}
        return {
            "from": format_moment(self.start),
            "until": format_moment(self.end),
            "person": self.person,
        } | {name: value for name, value in more.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Leave:
    """`person` is away from `start` until `end` (UTC)."""

    person: str
    start: datetime
    end: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the leave in the form of the API."""
        return {"person": self.person, "from": format_moment(self.start), "until": format_moment(self.end)}


@dataclass(frozen=True, slots=True)
class Rota:
    """Rotations, by priority; overrides, of which the later takes precedence; and leave."""

    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[Override, ...] = ()
    leave: tuple[Leave, ...] = ()

    def away(self, at: datetime) -> frozenset[str]:
        """Return the logins of the people on leave at a moment."""
        return frozenset(one.person for one in self.leave if one.start <= at < one.end)

    def to_json(self) -> dict[str, Any]:
        """Return the rota in the form of the API."""
        return {
            "rotations": [one.to_json() for one in self.rotations],
            "overrides": [one.to_json() for one in self.overrides],
            "leave": [one.to_json() for one in self.leave],
        }

    @classmethod
    def from_json(cls, document: object) -> "Rota":
        """Read the rota of a document `{rotations, overrides?, leave?}`; raises RuleError with every fault and its
        place.

        `rotations` is required: a document without it would delete all rotations by mistake.
        """
        reader = Reader()
        parts = reader.members(document, "", ("rotations", "overrides", "leave"))
        if isinstance(document, dict) and "rotations" not in document:
            reader.fault("document.missing", "/rotations")
        rota = cls(
            _list(reader, parts, "rotations", MAX_ROTATIONS, _read_rotation),
            _list(reader, parts, "overrides", MAX_OVERRIDES, read_override),
            _list(reader, parts, "leave", MAX_LEAVE, read_leave),
        )
        _refuse_same_names(reader, rota.rotations)
        reader.finish()
        return rota

    def named(self) -> list[tuple[str, str]]:
        """Yield every login in the rota, with its place in the document."""
        found = [
            (login, f"/rotations/{index}/people/{place}")
            for index, one in enumerate(self.rotations)
            for place, login in enumerate(one.people)
        ]
        for index, given in enumerate(self.overrides):
            found.append((given.person, f"/overrides/{index}/person"))
            if given.instead_of is not None:
                found.append((given.instead_of, f"/overrides/{index}/instead_of"))
        return found + [(away.person, f"/leave/{index}/person") for index, away in enumerate(self.leave)]


def read_override(value: object, pointer: str) -> Override:
    """Read the override of a document `{from, until, person, instead_of?, why?}`; raises RuleError with every fault."""
    reader = Reader()
    parts = reader.members(value, pointer, ("from", "until", "person", "instead_of", "why"))
    start, end = _read_span(reader, parts, pointer)
    person = reader.required(parts, "person", pointer, text(LOGIN_LIMIT))
    instead_of = reader.optional(parts, "instead_of", pointer, text(LOGIN_LIMIT))
    why = reader.optional(parts, "why", pointer, text(WHY_LIMIT))
    if person is not None and person == instead_of:
        reader.fault("override.of_oneself", member(pointer, "instead_of"))
    reader.finish()
    return Override(start, end, person or "", instead_of, why)


def read_leave(value: object, pointer: str) -> Leave:
    """Read the leave of a document `{person, from, until}`; raises RuleError with every fault."""
    reader = Reader()
    parts = reader.members(value, pointer, ("person", "from", "until"))
    person = reader.required(parts, "person", pointer, text(LOGIN_LIMIT))
    start, end = _read_span(reader, parts, pointer)
    reader.finish()
    return Leave(person or "", start, end)


def _list(
    reader: Reader, parts: dict[str, Any], name: str, most: int, read: Callable[[Any, str], Any]
) -> tuple[Any, ...]:
    pointer = member("", name)
    items = reader.items(parts.get(name, []), pointer, most)
    found = (reader.checked(read, item, member(pointer, index)) for index, item in enumerate(items))
    return tuple(item for item in found if item is not None)


def _refuse_same_names(reader: Reader, rotations: tuple[Rotation, ...]) -> None:
    seen: set[str] = set()
    for index, one in enumerate(rotations):
        if one.name in seen:
            reader.fault("rotation.same_name", f"/rotations/{index}/name", name=one.name)
        seen.add(one.name)


_ROTATION: Final = ("name", "people", "starts_on", "every", "handover", "hours", "days", "beside")


def _read_rotation(value: object, pointer: str) -> Rotation:
    reader = Reader()
    parts = reader.members(value, pointer, _ROTATION)
    name = reader.required(parts, "name", pointer, text(NAME_LIMIT))
    people = reader.required(parts, "people", pointer, _read_people)
    starts_on = reader.required(parts, "starts_on", pointer, _read_first_day)
    every = reader.required(parts, "every", pointer, _read_every)
    hours = reader.optional(parts, "hours", pointer, read_span)
    needed = reader.required if parts.get("hours") is None else reader.optional
    handover = needed(parts, "handover", pointer, parse_daytime)
    days = reader.optional(parts, "days", pointer, _read_days)
    is_beside = reader.optional(parts, "beside", pointer, _read_truth)
    reader.finish()
    begins = handover if handover is not None else hours.start if hours else time(0)
    return Rotation(
        name or "", people or (), starts_on or date.min, every or 1, begins, hours, days or "all", bool(is_beside)
    )


def _read_people(value: object, pointer: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PEOPLE:
        raise RuleError("rotation.people", {"most": MAX_PEOPLE}, pointer=pointer)
    reader = Reader()
    read = [reader.checked(text(LOGIN_LIMIT), item, member(pointer, index)) for index, item in enumerate(value)]
    reader.finish()
    return tuple(login for login in read if login is not None)


def _read_every(value: object, pointer: str) -> int:
    days = value if isinstance(value, int) and not isinstance(value, bool) else _days_of(value, pointer)
    if not 1 <= days <= MAX_DAYS:
        raise RuleError("rotation.every", {"most": MAX_DAYS}, pointer=pointer)
    return days


def _days_of(value: object, pointer: str) -> int:
    """Return a duration in whole days, 0 when it is none."""
    try:
        length = parse_duration(value, pointer)
    except RuleError:
        return 0
    return 0 if length % DAY else length.days


def _read_days(value: object, pointer: str) -> Kinds | frozenset[int]:
    if value in KINDS:
        return value
    if value == []:
        raise RuleError("rotation.days", pointer=pointer)
    if not isinstance(value, list):
        choices = ", ".join([*KINDS, "[MO, TU, WE, TH, FR, SA, SU]"])
        raise RuleError("document.not_a_choice", {"choices": choices}, pointer=pointer)
    return frozenset(read_weekday(item, member(pointer, index)) for index, item in enumerate(value[:7]))


def _read_truth(value: object, pointer: str) -> bool:
    if isinstance(value, bool):
        return value
    raise RuleError("document.not_a_truth", pointer=pointer)


def _read_span(reader: Reader, parts: dict[str, Any], pointer: str) -> tuple[datetime, datetime]:
    start = reader.required(parts, "from", pointer, _read_moment)
    end = reader.required(parts, "until", pointer, _read_moment)
    if start is not None and end is not None and end <= start:
        reader.fault("span.ends_before", member(pointer, "until"))
    return start or EARLIEST, end or EARLIEST


def require_near(at: datetime, pointer: str = "") -> datetime:
    """Return the moment; raises RuleError `span.far` outside the years in which duty is computed."""
    if EARLIEST <= at < LATEST:
        return at
    raise RuleError("span.far", _BOUNDS, pointer=pointer)


def _read_moment(value: object, pointer: str) -> datetime:
    return require_near(parse_moment(value, pointer), pointer)


def _read_first_day(value: object, pointer: str) -> date:
    day = read_day(value, pointer)
    if EARLIEST.date() <= day < LATEST.date():
        return day
    raise RuleError("span.far", _BOUNDS, pointer=pointer)
