"""Escalation: who is notified next, and when, while nobody answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from incident.core.duty.daytime import WallClock
from incident.core.notifications.policy import Policy


@dataclass(frozen=True, slots=True)
class EscalationContext:
    """Facts besides the policy that decide how long a level waits: the grade and the department's local clock."""

    grade: int | None = None
    clock: WallClock = field(default_factory=WallClock)


@dataclass(frozen=True, slots=True)
class DeferredByQuietHours:
    """Quiet hours apply to this grade: nobody is notified before `next_at` (UTC)."""

    at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class NotifyLevel:
    """A level to notify at the moment `at`; without an answer, the next step is at `next_at`. Both UTC.

    `is_held` says that quiet hours delay the next step.
    """

    level: int
    round: int
    at: datetime
    next_at: datetime
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Every level of every round was notified, the last one has waited, and nobody answered."""

    at: datetime


Step = DeferredByQuietHours | NotifyLevel | Exhausted
ANY = EscalationContext()


def first(policy: Policy, now: datetime, around: EscalationContext = ANY) -> NotifyLevel | DeferredByQuietHours:
    """Return level 1 of round 1, notified at once unless quiet hours delay it."""
    begins_at = _after_quiet(policy, now, around)
    return DeferredByQuietHours(now, begins_at) if begins_at > now else _tell(policy, 1, 1, now, around)


def next_after(
    policy: Policy, level: int, round: int, now: datetime, around: EscalationContext = ANY
) -> NotifyLevel | Exhausted:
    """Return the step after `level` of `round` (both from 1) has waited without an answer until `now`.

    Level 0 is that of a notice which quiet hours delay: level 1 follows.
    """
    if level < len(policy.levels):
        return _tell(policy, level + 1, round, now, around)
    if round <= policy.repeat:
        return _tell(policy, 1, round + 1, now, around)
    return Exhausted(now)


def skip_unreachable(
    policy: Policy, step: NotifyLevel, has_somebody: Callable[[int], bool], around: EscalationContext = ANY
) -> NotifyLevel:
    """Return the step or, when its level has no recipients, the next level of the round that has some.

    Waiting for absent people would lose time. When no remaining level of the round has recipients, the step is
    unchanged.
    """
    for level in range(step.level, len(policy.levels) + 1):
        if has_somebody(level):
            return step if level == step.level else _tell(policy, level, step.round, step.at, around)
    return step


def rescheduled(policy: Policy, level: int, round: int, notified_at: datetime, around: EscalationContext) -> datetime:
    """Return when the next step after a level that was notified at `notified_at` would be in other circumstances.

    Level 0 is that of a notice which quiet hours have delayed since `notified_at`.
    """
    if level == 0:
        return _after_quiet(policy, notified_at, around)
    return _tell(policy, level, round, notified_at, around).next_at


def timeline(
    policy: Policy,
    start: datetime,
    around: EscalationContext = ANY,
    has_somebody: Callable[[int, datetime], bool] = lambda _level, _at: True,
) -> Iterator[Step]:
    """Yield every step from `start` (UTC) on if nobody ever answered, ending in Exhausted.

    `has_somebody` says whether a level has recipients at a moment.
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
    next_at = ends_at if is_last else _after_quiet(policy, ends_at, around)  # an unanswered notice wakes nobody
    return NotifyLevel(level, round, now, next_at, next_at > ends_at)


def _after_quiet(policy: Policy, at: datetime, around: EscalationContext) -> datetime:
    return at if policy.quiet is None else policy.quiet.end_of(at, around.grade, around.clock)
