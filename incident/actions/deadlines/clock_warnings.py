"""Warnings of statutory clocks: their timers, and the notices that these open and press."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incident.actions.notifications import answers, escalation, pressing
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork
from incident.core.deadlines.clocks import OPEN_STATES
from incident.core.deadlines.warnings import ENDED, THRESHOLDS, next_warning_at, passed_threshold, urgency_of
from incident.core.notifications import notice as rules_of_notice
from incident.core.notifications.subject import Subject
from incident.core.values.moment import format_moment
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import lookups
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices
from incident.store.notifications.notices import Notice
from incident.store.playbooks import timers
from incident.store.queries.news_audience import Announcement

CLOCK, WARN = "clock", "warn"
"""The type of the subject and the kind of the timers that warn."""


@dataclass
class _Known:
    """Everything that the warnings of one transaction look up once: responsible departments and notices by clock."""

    departments: Mapping[int, Sequence[Department]] = field(default_factory=dict)
    notices: Mapping[int, Sequence[Notice]] = field(default_factory=dict)


def keep_warnings(uow: UnitOfWork, incident: Incident, clocks: Iterable[IncidentClock]) -> None:
    """Set, move and cancel the timers of clocks of a locked incident, within the caller's transaction.

    The notices of a clock that does not run, or that has moved before its first threshold again, are withdrawn.
    """
    for clock in clocks:
        if clock.state not in OPEN_STATES or clock.start_at is None or clock.due_at is None:
            _stop(uow, clock)
            continue
        passed = passed_threshold(clock.start_at, clock.due_at, uow.now)
        if passed < clock.warned_percent:
            clock.warned_percent = passed
            if not passed:
                _withdraw(uow, clock)
        is_waiting_to_fire = clock.warn_at is not None and clock.warn_at <= uow.now
        if is_waiting_to_fire:
            continue
        is_missed = passed > clock.warned_percent
        at = uow.now if is_missed else next_warning_at(clock.start_at, clock.due_at, uow.now)
        _set_timer(uow, incident, clock, at)


def keep_next_due(incident: Incident, clocks: Iterable[IncidentClock]) -> None:
    """Store when the next of all clocks of a locked incident that run ends, for lists."""
    running = [one.due_at for one in clocks if one.state in OPEN_STATES and one.due_at is not None]
    next_due_at = min(running, default=None)
    if incident.next_due_at != next_due_at:
        incident.next_due_at = next_due_at


def warn(uow: UnitOfWork, clock: IncidentClock, incident: Incident, known: _Known | None = None) -> None:
    """Warn the departments of a clock within the caller's transaction, once for all thresholds that have passed.

    Args:
        uow: the caller's unit of work, by the scheduler.
        clock: whose timer has come due.
        incident: its incident, locked.
        known: what was looked up for several clocks.
    """
    clock.warn_at = None
    if clock.state not in OPEN_STATES or clock.start_at is None or clock.due_at is None:
        return
    passed = passed_threshold(clock.start_at, clock.due_at, uow.now)
    clock.warned_percent = min(clock.warned_percent, passed)  # less when the system clock was ahead at the last warning
    is_new = passed > clock.warned_percent
    if is_new or passed == ENDED:
        known = known or look_up([clock])
        responsible = known.departments.get(clock.id, ())
        its = {one.department_id: one for one in known.notices.get(clock.id, ())}
        clock.warned_percent = passed
        detail: dict[str, Any] = {
            "regime": clock.regime,
            "stage": clock.stage,
            "n": clock.n,
            "percent": passed,
            "is_repeated": not is_new,
            "due_at": format_moment(clock.due_at),
            "departments": [one.code for one in responsible],
        }
        uow.record("clock.warned", f"clock:{clock.id}", detail, incident.number)
        for department in responsible:
            _warn_department(uow, clock, incident, department, its.get(department.id), passed, is_new=is_new)
        if is_new:
            uow.news.append(Announcement(incident, "deadline", str(passed)))
    _set_timer(uow, incident, clock, next_warning_at(clock.start_at, clock.due_at, uow.now))


def look_up(clocks: Collection[IncidentClock]) -> _Known:
    """Look up the departments and notices of several clocks with few queries."""
    leading = lookups.leading_departments({clock.incident_id for clock in clocks if clock.duty_department_id is None})
    duty = {one.id: [one.duty_department_id] for one in clocks if one.duty_department_id is not None}
    asked = {one.id: duty.get(one.id, leading.get(one.incident_id, ())) for one in clocks}
    known = departments.departments_of({one for ids in asked.values() for one in ids})
    by_clock: dict[int, list[Notice]] = {}
    for notice in notices.notices_about_each(CLOCK, {clock.id for clock in clocks}, "deadline"):
        by_clock.setdefault(notice.subject_id, []).append(notice)
    return _Known({key: [known[one] for one in ids] for key, ids in asked.items()}, by_clock)


def give_duty(uow: UnitOfWork, clock: IncidentClock, department_id: int | None) -> None:
    """Give the report of a clock to the department that received the one before, within the caller's transaction.

    Those who were warned of it so far only watched it: their notices are withdrawn. None takes it back: it is watched.
    """
    clock.duty_department_id = department_id
    if clock.warned_percent:
        clock.warned_percent = 0
        _withdraw(uow, clock)


def _warn_department(
    uow: UnitOfWork,
    clock: IncidentClock,
    incident: Incident,
    department: Department,
    notice: Notice | None,
    passed: int,
    *,
    is_new: bool,
) -> None:
    is_known = notice is not None and notice.state not in rules_of_notice.FINISHED
    if notice is None:
        notice = escalation.open_notice(uow, Subject("clock", clock.id), "deadline", incident, department)
    elif not is_known:
        escalation.restart_escalation(uow, notice)
    else:
        pressing.remind_notified(uow, notice)
    if not is_new or passed == THRESHOLDS[0]:
        return
    every = len(notice.policy["levels"])
    pressing.notify_levels_up_to(uow, notice, every if passed == ENDED else max(notice.level, 1) + 1)
    if passed == ENDED:
        pressing.remind_coordinators(uow, notice)


def _stop(uow: UnitOfWork, clock: IncidentClock) -> None:
    if clock.warn_at is not None:
        clock.warn_at = None
        uow.flush()
        timers.cancel_timers(CLOCK, clock.id, uow.now)
    if clock.warned_percent:
        clock.warned_percent = 0
        _withdraw(uow, clock)


def _withdraw(uow: UnitOfWork, clock: IncidentClock) -> None:
    for notice in notices.notices_about(Subject("clock", clock.id), "deadline"):
        if notice.state not in rules_of_notice.FINISHED:
            answers.record_answer(uow, notice, "withdrawn", AnswerSource("deadline"))


def _set_timer(uow: UnitOfWork, incident: Incident, clock: IncidentClock, at: dt.datetime) -> None:
    """Set the timer of a clock whose start and due are known to a moment, unless it is set so."""
    if clock.warn_at == at or clock.start_at is None or clock.due_at is None:
        return
    if clock.warn_at is not None:
        uow.flush()
        timers.cancel_timers(CLOCK, clock.id, uow.now)
    clock.warn_at = at
    urgency = urgency_of(clock.start_at, clock.due_at, at)
    insert_timer(uow, WARN, at, CLOCK, clock.id, incident.id, urgency=urgency)
