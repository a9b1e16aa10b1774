"""The escalation policy of a department: who is notified, by which channels, and how long each level waits."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar, get_args

from incident.core.duty.daytime import Span, WallClock, read_span, span_of
from incident.core.values.document import Reader, one_of
from incident.core.values.duration import format_duration, parse_duration
from incident.core.values.faults import RuleError, member

T = TypeVar("T")

WAIT_LEAST: Final = timedelta(seconds=1)
MAX_WAIT: Final = timedelta(days=7)
REMINDER_LEAST: Final = timedelta(minutes=1)
MAX_LEVELS: Final = 20
MAX_REPEAT: Final = 20
GRADES: Final = (1, 2, 3, 4)
LOW_GRADES: Final = (3, 4)
"""The grades that quiet hours can delay."""

RecipientKind = Literal["duty", "deputy", "head", "parent"]
RECIPIENT_KINDS: Final[tuple[RecipientKind, ...]] = ("duty", "deputy", "head", "parent")
"""Recipients that a level can name: people on duty, deputies, heads, and the department above."""

Until = Literal["acknowledged", "accepted"]
UNTILS: Final[tuple[Until, ...]] = get_args(Until)

Hours = Literal["working", "off"] | Span
"""Working hours, all other hours, or a part of each day."""

_CHANNEL = re.compile(r"[a-z][a-z0-9_-]{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a level waits for incidents of one of `grades` (none: any) when notified in `hours` (none: any).

    An incident without a grade matches none of them.
    """

    wait: timedelta
    grades: tuple[int, ...] = ()
    hours: Hours | None = None

    def holds(self, grade: int | None, at: datetime, clock: WallClock) -> bool:
        """Whether it applies to an incident of this grade at this moment."""
        return (not self.grades or grade in self.grades) and (self.hours is None or self._is_in_hours(at, clock))

    def _is_in_hours(self, at: datetime, clock: WallClock) -> bool:
        if isinstance(self.hours, Span):
            return clock.is_in(self.hours, at)
        return clock.is_working(at) == (self.hours == "working")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a policy.

    Args:
        wait: how long its people have before the next level is notified, unless one of `waits` applies.
        waits: other lengths by grade and by time of day; the first that applies is used.
        tell: the recipients; without any, the contacts of this level.
        channels: the channels, in order of preference; without any, all.
        in_turn: the interval between the channels, used one after the other; None uses them at once.
    """

    wait: timedelta
    waits: tuple[Wait, ...] = ()
    notify: tuple[RecipientKind, ...] = ()
    channels: tuple[str, ...] = ()
    in_turn: timedelta | None = None

    def wait_at(self, at: datetime, grade: int | None, clock: WallClock) -> timedelta:
        """Return how long its people have when they are notified at this moment (UTC)."""
        return next((wait.wait for wait in self.waits if wait.holds(grade, at, clock)), self.wait)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which incidents of these grades notify nobody; one without a grade is never delayed."""

    span: Span
    grades: tuple[int, ...]

    def end_of(self, at: datetime, grade: int | None, clock: WallClock) -> datetime:
        """Return the end of the quiet hours that delay the grade at the moment, else the moment itself (both UTC)."""
        if grade not in self.grades or not clock.is_in(self.span, at):
            return at
        return self.span.end_after(at, clock.zone)


@dataclass(frozen=True, slots=True)
class Policy:
    """An escalation policy: its levels in order, and the number of repeated rounds.

    `until` is the answer that ends it; `reminder` is how long the person who answered may do nothing before a reminder.
    Raises RuleError `policy.levels`, `policy.wait` or `policy.repeat` when it is out of bounds.
    """

    levels: tuple[Level, ...]
    repeat: int = 0
    until: Until = "acknowledged"
    reminder: timedelta | None = None
    quiet: Quiet | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.levels) <= MAX_LEVELS:
            raise RuleError("policy.levels", {"most": MAX_LEVELS}, pointer="/levels")
        for index, level in enumerate(self.levels):
            _require_wait(level.wait, f"/levels/{index}/wait")
        _require_repeat(self.repeat, "/repeat")

    @property
    def is_plain(self) -> bool:
        """Whether the policy depends on neither grade nor time of day."""
        return self.quiet is None and not any(level.waits for level in self.levels)

    def to_json(self) -> dict[str, Any]:
        """Return the policy in the form of the API; unset values are omitted."""
        written = {
            "levels": [_level_to_json(level) for level in self.levels],
            "repeat": self.repeat,
            "until": None if self.until == "acknowledged" else self.until,
            "reminder": self.reminder and format_duration(self.reminder),
            "quiet": self.quiet and self.quiet.span.to_json() | {"grades": list(self.quiet.grades)},
        }
        return _without_none(written)

    @classmethod
    def from_json(cls, document: object) -> "Policy":
        """Read the policy of a document `{levels, repeat?, ...}`; raises RuleError with every fault and its place."""
        return _read(document)


def _without_none(written: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in written.items() if value is not None}


def _level_to_json(level: Level) -> dict[str, Any]:
    written = {
        "wait": format_duration(level.wait),
        "waits": [_wait_to_json(wait) for wait in level.waits] or None,
        "notify": list(level.notify) or None,
        "channels": list(level.channels) or None,
        "in_turn": level.in_turn and format_duration(level.in_turn),
    }
    return _without_none(written)


def _wait_to_json(wait: Wait) -> dict[str, Any]:
    hours = wait.hours.to_json() if isinstance(wait.hours, Span) else wait.hours
    return _without_none({"grades": list(wait.grades) or None, "hours": hours, "wait": format_duration(wait.wait)})


def _read(document: object) -> Policy:
    reader = Reader()
    parts = reader.members(document, "", ("levels", "repeat", "until", "reminder", "quiet"))
    items = reader.required(parts, "levels", "", _require_list)
    levels = [_read_level(reader, item, member("/levels", index)) for index, item in enumerate(items or ())]
    repeat = reader.checked(_require_repeat, parts.get("repeat", 0), "/repeat")
    until = reader.optional(parts, "until", "", one_of(UNTILS))
    reminder = reader.optional(parts, "reminder", "", _require_reminder)
    quiet = _read_quiet(reader, parts["quiet"]) if parts.get("quiet") is not None else None
    reader.finish()
    named = next((word for word in UNTILS if word == until), UNTILS[0])
    return Policy(tuple(level for level in levels if level is not None), repeat or 0, named, reminder, quiet)


def _read_level(reader: Reader, item: object, pointer: str) -> Level | None:
    parts = reader.members(item, pointer, ("wait", "waits", "notify", "channels", "in_turn"))
    wait = reader.required(parts, "wait", pointer, _require_length)
    waits = _items(reader, parts, "waits", pointer)
    read = [_read_wait(reader, one, member(f"{pointer}/waits", index)) for index, one in enumerate(waits)]
    notify = _distinct(reader, parts, "notify", pointer, _require_recipient_kind)
    channels = _distinct(reader, parts, "channels", pointer, _require_channel)
    in_turn = reader.optional(parts, "in_turn", pointer, _require_length)
    if in_turn is not None and not parts.get("channels"):
        reader.fault("policy.in_turn", member(pointer, "in_turn"))
    return Level(wait, tuple(one for one in read if one), notify, channels, in_turn) if wait else None


def _read_wait(reader: Reader, item: object, pointer: str) -> Wait | None:
    parts = reader.members(item, pointer, ("grades", "hours", "wait"))
    wait = reader.required(parts, "wait", pointer, _require_length)
    grades = _distinct(reader, parts, "grades", pointer, _require_grade)
    hours = reader.optional(parts, "hours", pointer, _require_hours)
    return Wait(wait, grades, hours) if wait else None


def _read_quiet(reader: Reader, item: object) -> Quiet | None:
    parts = reader.members(item, "/quiet", ("from", "until", "grades"))
    span = span_of(reader, parts, "/quiet")
    grades = _distinct(reader, parts, "grades", "/quiet", _require_low_grade)
    if isinstance(item, dict) and parts.get("grades") in (None, []):
        reader.fault("policy.quiet_for_nothing", "/quiet/grades")
    return Quiet(span, grades) if span else None


def _items(reader: Reader, parts: dict[str, Any], name: str, pointer: str) -> list[Any]:
    value = parts.get(name)
    return [] if value is None else reader.items(value, member(pointer, name), MAX_LEVELS)


def _distinct(
    reader: Reader, parts: dict[str, Any], name: str, pointer: str, check: Callable[[object, str], T]
) -> tuple[T, ...]:
    """Return the members of a list without duplicates."""
    found: list[T] = []
    for index, item in enumerate(_items(reader, parts, name, pointer)):
        place = member(member(pointer, name), index)
        read = reader.checked(check, item, place)
        if read in found:
            reader.fault("policy.named_twice", place)
        elif read is not None:
            found.append(read)
    return tuple(found)


def _require_list(value: object, pointer: str) -> list[Any]:
    if isinstance(value, list) and 1 <= len(value) <= MAX_LEVELS:
        return value
    raise RuleError("policy.levels", {"most": MAX_LEVELS}, pointer=pointer)


def _require_repeat(value: object, pointer: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_REPEAT:
        return value
    raise RuleError("policy.repeat", {"most": MAX_REPEAT}, pointer=pointer)


def _require_wait(wait: timedelta, pointer: str, least: timedelta = WAIT_LEAST) -> timedelta:
    if least <= wait <= MAX_WAIT:
        return wait
    bounds = {"least": format_duration(least), "most": format_duration(MAX_WAIT)}
    raise RuleError("policy.wait", bounds, pointer=pointer)


def _require_length(value: object, pointer: str) -> timedelta:
    return _require_wait(parse_duration(value, pointer), pointer)


def _require_reminder(value: object, pointer: str) -> timedelta:
    return _require_wait(parse_duration(value, pointer), pointer, REMINDER_LEAST)


def _require_recipient_kind(value: object, pointer: str) -> RecipientKind:
    found = next((recipient_kind for recipient_kind in RECIPIENT_KINDS if recipient_kind == value), None)
    if found is None:
        raise RuleError("document.not_a_choice", {"choices": ", ".join(RECIPIENT_KINDS)}, pointer=pointer)
    return found


def _require_channel(value: object, pointer: str) -> str:
    if isinstance(value, str) and _CHANNEL.fullmatch(value):
        return value
    raise RuleError("policy.channel", pointer=pointer)


def _require_grade(value: object, pointer: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value in GRADES:
        return value
    raise RuleError("document.not_a_choice", {"choices": ", ".join(map(str, GRADES))}, pointer=pointer)


def _require_low_grade(value: object, pointer: str) -> int:
    if (grade := _require_grade(value, pointer)) in LOW_GRADES:
        return grade
    raise RuleError("policy.quiet_grade", {"grades": ", ".join(map(str, LOW_GRADES))}, pointer=pointer)


def _require_hours(value: object, pointer: str) -> Hours:
    if value == "working":
        return "working"
    if value == "off":
        return "off"
    if isinstance(value, dict):
        return read_span(value, pointer)
    raise RuleError("policy.hours", pointer=pointer)


DEFAULT_POLICY: Final = Policy((Level(timedelta(minutes=15)),), 0)
"""The policy of a department without its own."""
