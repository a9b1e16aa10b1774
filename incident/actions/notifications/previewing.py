"""Preview of an unanswered escalation: its steps over the real calendar, and warnings."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from incident.actions.notifications import on_duty
from incident.actions.notifications.escalation import policy_of
from incident.actions.notifications.recipients import NOBODY, RecipientResolver, Recipients
from incident.core.notifications import escalation
from incident.core.notifications.escalation import DeferredByQuietHours, EscalationContext, Exhausted, NotifyLevel
from incident.core.notifications.policy import Policy
from incident.store.directory.departments import Department

WarningCode = Literal["nobody", "gap", "no_way", "late_turn", "year_unknown"]


@dataclass(frozen=True)
class PreviewStep:
    """One step: the recipients of a level.

    Args:
        at: when (UTC).
        level: which level, from 1.
        round: which round, from 1.
        found: the recipients then.
        is_gap: the level has no recipients.
        is_held: quiet hours delay the level until `next_at`; nobody is notified before.
        next_at: when the next step comes (UTC); after a skipped level it comes at once.
    """

    at: dt.datetime
    level: int
    round: int
    found: Recipients
    is_gap: bool
    is_held: bool
    next_at: dt.datetime


@dataclass(frozen=True)
class PreviewWarning:
    """A fault to correct before it matters: its level, and the first moment at which it occurs (UTC)."""

    code: WarningCode
    level: int | None = None
    at: dt.datetime | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """The steps until every level of every round was notified in vain, and the warnings."""

    policy: Policy
    items: tuple[PreviewStep, ...]
    exhausted_at: dt.datetime
    warnings: tuple[PreviewWarning, ...]


def preview(
    department: Department,
    grade: int | None,
    at: dt.datetime,
    finder: RecipientResolver | None = None,
    policy: Policy | None = None,
) -> Preview:
    """Return the escalation of an incident opened for a department at a moment, without any answer.

    Args:
        department: the department, with its present policy and rota.
        grade: of the incident; None for none.
        at: when it would be opened (UTC).
        finder: a resolver with prefetched departments, for several previews.
        policy: one that is not stored yet, instead of the department's.
    """
    policy, clock = policy or policy_of(department), on_duty.wall_clock_of(department)
    finder, tried = finder or RecipientResolver(), dict[int, Recipients]()

    def has_somebody(level: int, moment: dt.datetime) -> bool:
        tried[level] = finder.find(department, policy.levels[level - 1], level, moment)
        return bool(tried[level].recipients)

    items: list[PreviewStep] = []
    exhausted_at = at
    for step in escalation.timeline(policy, at, EscalationContext(grade, clock), has_somebody):
        if isinstance(step, Exhausted):
            exhausted_at = step.at
        else:
            items += _items(step, tried)
            tried.clear()
    warnings = (*_warnings(policy, items), *_of_calendar(department, policy, at, exhausted_at))
    return Preview(policy, tuple(items), exhausted_at, warnings)


def _items(step: DeferredByQuietHours | NotifyLevel, tried: Mapping[int, Recipients]) -> Iterator[PreviewStep]:
    """Return the items of a step, the skipped levels before it first."""
    if isinstance(step, DeferredByQuietHours):
        yield PreviewStep(step.at, 1, 1, NOBODY, is_gap=False, is_held=True, next_at=step.next_at)
        return
    for level, found in tried.items():
        if level < step.level:
            yield PreviewStep(step.at, level, step.round, found, is_gap=True, is_held=False, next_at=step.at)
    found = tried[step.level]
    yield PreviewStep(step.at, step.level, step.round, found, not found.recipients, is_held=False, next_at=step.next_at)


def _warnings(policy: Policy, items: list[PreviewStep]) -> Iterator[PreviewWarning]:
    """Yield the warnings of each level, once, at the first occurrence."""
    if all(item.is_gap or item.is_held for item in items):
        yield PreviewWarning("nobody", at=items[0].at)
    said: set[tuple[str, int]] = set()
    for item in items:
        for warning in _of_item(policy, item):
            if (warning.code, item.level) not in said:
                said.add((warning.code, item.level))
                yield warning


def _of_item(policy: Policy, item: PreviewStep) -> Iterator[PreviewWarning]:
    level = policy.levels[item.level - 1]
    if item.is_gap and item.found.people:
        yield PreviewWarning("no_way", item.level, item.at, {"people": list(item.found.people)})
    elif item.is_gap:
        yield PreviewWarning("gap", item.level, item.at, {"notify": list(level.notify)})
    latest = max((recipient.after for recipient in item.found.recipients), default=dt.timedelta(0))
    if item.at + latest > item.next_at:
        yield PreviewWarning("late_turn", item.level, item.at)


def _of_calendar(
    department: Department, policy: Policy, start: dt.datetime, end: dt.datetime
) -> Iterator[PreviewWarning]:
    """Yield the years that the calendar does not know, where it makes a difference."""
    if not any(level.notify or {"working", "off"} & {wait.hours for wait in level.waits} for level in policy.levels):
        return
    calendar, zone = on_duty.calendar_of(department), on_duty.wall_clock_of(department).zone
    for year in range(start.astimezone(zone).year, end.astimezone(zone).year + 1):
        if not calendar.is_known(year):
            yield PreviewWarning("year_unknown", at=start, arguments={"year": year})
