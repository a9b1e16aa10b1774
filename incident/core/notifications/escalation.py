"""Who is told next, and when, while nobody answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from incident.core.duty.daytime import WallClock
from incident.core.notifications.policy import Policy


@dataclass(frozen=True, slots=True)
class EscalationContext:
    """What decides, beside the policy, how long a level has: the incident's grade, and the department's wall clock."""

    grade: int | None = None
    clock: WallClock = field(default_factory=WallClock)


@dataclass(frozen=True, slots=True)
class DeferredByQuietHours:
    """It is the quiet hours of this grade: nobody is told before `next_at` (UTC)."""

    at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class NotifyLevel:
    """A level to tell at the moment `at`; unless somebody answers, the next step comes at `next_at`. Both UTC.

    `is_held` says that quiet hours put that off.
    """

    level: int
    round: int
    at: datetime
    next_at: datetime
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Every level of every round was told, the last one has waited, and nobody answered."""

    at: datetime


Step = DeferredByQuietHours | NotifyLevel | Exhausted
ANY = EscalationContext()


def first(policy: Policy, now: datetime, around: EscalationContext = ANY) -> NotifyLevel | DeferredByQuietHours:
    """Level 1 of round 1, told at once unless quiet hours hold it."""
    begins_at = _after_quiet(policy, now, around)
    return DeferredByQuietHours(now, begins_at) if begins_at > now else _tell(policy, 1, 1, now, around)


def next_after(
    policy: Policy, level: int, round: int, now: datetime, around: EscalationContext = ANY
) -> NotifyLevel | Exhausted:
    """What follows when `level` of `round` (both from 1) has waited in vain until `now`.

    Level 0 is that of a notice which quiet hours hold: level 1 follows.
    """
    if level < len(policy.levels):
        return _tell(policy, level + 1, round, now, around)
    if round <= policy.repeat:
        return _tell(policy, 1, round + 1, now, around)
    return Exhausted(now)


def skip_unreachable(
    policy: Policy, step: NotifyLevel, has_somebody: Callable[[int], bool], around: EscalationContext = ANY
) -> NotifyLevel:
    """The step or, when nobody is found at its level, the next level of the same round at which somebody is.

    Waiting for people who are not there would lose time. When nobody is found at any level that is left in the round,
    the step stays as it is.
    """
    for level in range(step.level, len(policy.levels) + 1):
        if has_somebody(level):
            return step if level == step.level else _tell(policy, level, step.round, step.at, around)
    return step


def rescheduled(policy: Policy, level: int, round: int, told_at: datetime, around: EscalationContext) -> datetime:
    """When the next step after a level that was told at `told_at` would come in other circumstances.

    Level 0 is that of a notice which quiet hours have held since `told_at`.
    """
    if level == 0:
        return _after_quiet(policy, told_at, around)
    return _tell(policy, level, round, told_at, around).next_at


def timeline(
    policy: Policy,
    start: datetime,
    around: EscalationContext = ANY,
    has_somebody: Callable[[int, datetime], bool] = lambda _level, _at: True,
) -> Iterator[Step]:
    """Everything that would happen from `start` (UTC) on if nobody ever answered, ending in Exhausted.

    `has_somebody` says whether anybody is found at a level at a moment.
    """
    step: Step = first(policy, start, around)
    if isinstance(step, DeferredByQuietHours):
        yield step
        step = _tell(policy, 1, 1, step.next_at, around)
    while isinstance(step, NotifyLevel):
        at = step.at
        step = skip_unreachable(policy, step, lambda level, at=at: has_somebody(level, at), around)  # type: ignore[misc]
        yield step
        step = next_after(policy, step.level, step.round, step.next_at, around)
    yield step


def _tell(policy: Policy, level: int, round: int, now: datetime, around: EscalationContext) -> NotifyLevel:
    ends_at = now + policy.levels[level - 1].wait_at(now, around.grade, around.clock)
    is_last = level == len(policy.levels) and round > policy.repeat
    next_at = ends_at if is_last else _after_quiet(policy, ends_at, around)  # that nobody answered wakes nobody
    return NotifyLevel(level, round, now, next_at, next_at > ends_at)


def _after_quiet(policy: Policy, at: datetime, around: EscalationContext) -> datetime:
    return at if policy.quiet is None else policy.quiet.end_of(at, around.grade, around.clock)
