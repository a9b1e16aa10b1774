"""Who is told next, and when, while nobody acknowledges."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from incident.core.document import Reader
from incident.core.duration import format_duration, parse_duration
from incident.core.faults import RuleError, member

WAIT_LEAST: Final = timedelta(seconds=1)
WAIT_MOST: Final = timedelta(days=7)
LEVELS_MOST: Final = 20
REPEAT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a policy: `wait` is how long its people have before the next level is told."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """An escalation policy: its levels in order, and how many more rounds follow the first.

    Raises RuleError `policy.levels`, `policy.wait` or `policy.repeat` when it is out of bounds.
    """

    levels: tuple[Level, ...]
    repeat: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.levels) <= LEVELS_MOST:
            raise RuleError("policy.levels", {"most": LEVELS_MOST}, pointer="/levels")
        for index, level in enumerate(self.levels):
            if not WAIT_LEAST <= level.wait <= WAIT_MOST:
                bounds = {"least": format_duration(WAIT_LEAST), "most": format_duration(WAIT_MOST)}
                raise RuleError("policy.wait", bounds, pointer=f"/levels/{index}/wait")
        _require_repeat(self.repeat, "/repeat")

    def to_json(self) -> dict[str, Any]:
        """The policy as the API writes it."""
        return {"levels": [{"wait": format_duration(level.wait)} for level in self.levels], "repeat": self.repeat}

    @classmethod
    def from_json(cls, document: object) -> "Policy":
        """The policy of a document `{levels: [{wait}], repeat?}`; raises RuleError with every fault and its place."""
        return _read(document)


@dataclass(frozen=True, slots=True)
class Tell:
    """A level to tell at the moment `at`; unless somebody acknowledges, the next step comes at `next_at`. Both UTC."""

    level: int
    round: int
    at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Every level of every round was told, the last one has waited, and nobody acknowledged."""

    at: datetime


def first(policy: Policy, now: datetime) -> Tell:
    """Level 1 of round 1, told at once."""
    return _tell(policy, 1, 1, now)


def next_after(policy: Policy, level: int, round: int, now: datetime) -> Tell | Exhausted:
    """What follows when `level` of `round` (both from 1) has waited in vain until `now`."""
    if level < len(policy.levels):
        return _tell(policy, level + 1, round, now)
    if round <= policy.repeat:
        return _tell(policy, 1, round + 1, now)
    return Exhausted(now)


def passing_over(policy: Policy, step: Tell, reachable: Collection[int]) -> Tell:
    """The step or, when nobody stands at its level, the next level of the same round at which somebody does.

    Waiting for people who are not there would lose time. `reachable` are the levels that have a contact; when none of
    those that are left in the round is among them, the step stays as it is.
    """
    for level in range(step.level, len(policy.levels) + 1):
        if level in reachable:
            return _tell(policy, level, step.round, step.at)
    return step


def timeline(policy: Policy, start: datetime) -> Iterator[Tell | Exhausted]:
    """Everything that would happen from `start` (UTC) on if nobody ever acknowledged, ending in Exhausted."""
    step: Tell | Exhausted = first(policy, start)
    while isinstance(step, Tell):
        yield step
        step = next_after(policy, step.level, step.round, step.next_at)
    yield step


def _tell(policy: Policy, level: int, round: int, now: datetime) -> Tell:
    return Tell(level, round, now, now + policy.levels[level - 1].wait)


def _read(document: object) -> Policy:
    reader = Reader()
    parts = reader.members(document, "", ("levels", "repeat"))
    levels = reader.required(parts, "levels", "", _require_list)
    waits = [_read_level(reader, item, member("/levels", index)) for index, item in enumerate(levels or ())]
    repeat = reader.checked(_require_repeat, parts.get("repeat", 0), "/repeat")
    reader.finish()
    return Policy(tuple(Level(wait) for wait in waits if wait is not None), repeat or 0)


def _require_list(value: object, pointer: str) -> list[Any]:
    if isinstance(value, list) and 1 <= len(value) <= LEVELS_MOST:
        return value
    raise RuleError("policy.levels", {"most": LEVELS_MOST}, pointer=pointer)


def _require_repeat(value: object, pointer: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= REPEAT_MOST:
        return value
    raise RuleError("policy.repeat", {"most": REPEAT_MOST}, pointer=pointer)


def _read_level(reader: Reader, item: object, pointer: str) -> timedelta | None:
    parts = reader.members(item, pointer, ("wait",))
    return reader.required(parts, "wait", pointer, parse_duration)


DEFAULT_POLICY: Final = Policy((Level(timedelta(minutes=15)),), 0)
"""What a department without a policy of its own gets."""
