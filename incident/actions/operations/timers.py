"""Due timers: each advances, warns, asks for a review or grades again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.exc import InterfaceError, OperationalError

from incident.actions.deadlines import clock_warnings, regrading, reviews
from incident.actions.documents import reminders
from incident.actions.incidents import closing_reviews
from incident.actions.notifications import answers, escalation
from incident.actions.notifications.answers import REMIND
from incident.actions.notifications.recipients import resolver_of
from incident.actions.playbooks import runs
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.cacao.engine.events import TimerKind, TimerPassed
from incident.core.documents.reminders import MATTERS
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.deadlines.incident_gradings import GRADING, GROWTH, PROFILE, RULE_SET
from incident.store.directory import contact_addresses, departments
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices as notice_rows
from incident.store.notifications.notices import Notice
from incident.store.playbooks import runs as run_rows
from incident.store.playbooks import timers
from incident.store.playbooks.runs import Run
from incident.store.playbooks.timers import Timer

SCHEDULER = "scheduler"

OF_INCIDENT = frozenset({*reviews.REVIEWED, closing_reviews.REVIEW_ACTION, GROWTH, GRADING, *MATTERS})
"""Subjects of timers that are looked at with their incident locked."""

"""The actor of events caused by time."""

DATABASE_AWAY = (OperationalError, InterfaceError)
"""Faults of the connection and not of a timer: the next sweep retries."""

FEW = 3
"""Notices of fewer departments are loaded one by one."""

PAUSE_LIMIT = dt.timedelta(minutes=5)
PAUSE_EXPONENT = 9
"""Two to this many seconds already exceeds the limit; a larger exponent would overflow one day."""


@dataclass(frozen=True)
class Fired:
    """How many timers were fired, and which one failed, with the reason."""

    count: int
    failed: tuple[int, str] | None = None


def fire_due(now: dt.datetime, limit: int = 50) -> Fired:
    """Fire due timers, the most urgent first, many in one transaction; when one of them fails, one by one.

    Args:
        now: the moment (UTC).
        limit: the maximum number.
    """
    if not _has_due(now):
        return Fired(0)
    try:
        return _fire(now, limit, None)
    except DATABASE_AWAY:
        raise
    except Exception:  # noqa: BLE001  # one timer's fault must not stop the others: they are fired singly
        return _fire_singly(now, limit)


def _has_due(now: dt.datetime) -> bool:
    """Check before writing: a tick with nothing due must not block other writers."""
    next_at = timers.next_due_at()
    db.session.rollback()
    return next_at is not None and next_at <= now


def _fire_singly(now: dt.datetime, limit: int) -> Fired:
    db.session.rollback()
    count, failed = 0, None
    for timer_id in timers.due_timers(now, limit):
        try:
            count += _fire(now, limit, timer_id).count
        except DATABASE_AWAY:
            raise
        except Exception as error:  # noqa: BLE001  # the timer is delayed with its fault shown, and retried
            failed = (timer_id, f"{type(error).__name__}: {error}"[:500])
            _put_off(timer_id, failed[1], now)
    return Fired(count, failed)


def _fire(now: dt.datetime, limit: int, only: int | None) -> Fired:
    with transaction(SCHEDULER, now) as uow:
        due = timers.lock_due(now, limit, only)
        claimed = timers.claim(due.keys(), now) if due else ()
        # Loaded with one query each, and kept until the end, so that no timer loads its own.
        its_notices = notice_rows.notices_by_ids(_subjects(claimed, "notice"))
        its_runs = run_rows.runs_by_ids(_subjects(claimed, "run"))
        its_clocks = clock_rows.clocks_by_ids(_subjects(claimed, clock_warnings.CLOCK))
        of_clocks = clock_warnings.look_up(its_clocks)
        around = _look_around(uow, its_notices)
        by_notice = {notice.id: notice for notice in its_notices}
        by_clock = {clock.id: clock for clock in its_clocks}
        by_run = {run.id: run for run in its_runs}
        for timer in claimed:
            if timer.subject_type == "notice":
                with db.session.no_autoflush:  # the rows of one notice do not matter to any other
                    _go_on(uow, timer, by_notice[timer.subject_id])
            elif timer.subject_type == clock_warnings.CLOCK:
                its_incident = due[timer.id]
                if its_incident is not None:
                    clock_warnings.warn(uow, by_clock[timer.subject_id], its_incident, of_clocks)
            elif timer.subject_type in OF_INCIDENT:
                its_incident = due[timer.id]
                if its_incident is not None:
                    _fire_on_incident(uow, timer, its_incident)
            elif timer.subject_type in (RULE_SET, PROFILE):
                regrading.spread(uow, timer.subject_type, timer.subject_id)
            elif timer.subject_type == "run":
                _pass(uow, timer, by_run[timer.subject_id])
            else:
                raise ValueError(f"timer {timer.id} is of a {timer.subject_type}")
        around.clear()
        due.clear()
    return Fired(len(claimed))


def _fire_on_incident(uow: UnitOfWork, timer: Timer, incident: Incident) -> None:
    if timer.subject_type in reviews.REVIEWED:
        reviews.ask_for_review(uow, timer.subject_type, timer.subject_id, incident)
    elif timer.subject_type in MATTERS:
        reminders.remind_of_paperwork(uow, timer.subject_type, timer.subject_id, timer.kind, incident)
    elif timer.subject_type == closing_reviews.REVIEW_ACTION:
        closing_reviews.remind_owner(uow, timer.subject_id, incident)
    else:
        regrading.grade_again(uow, incident, timer.kind)


def _subjects(claimed: Sequence[Timer], subject_type: str) -> set[int]:
    return {timer.subject_id for timer in claimed if timer.subject_type == subject_type}


def _look_around(uow: UnitOfWork, its_notices: Sequence[Notice]) -> dict[int, Department]:
    """Prefetch the departments of several notices, and the contacts of their next levels."""
    ids = {notice.department_id for notice in its_notices}
    if len(ids) < FEW:
        return {}
    desks, known = resolver_of(uow).desks, contact_addresses.desks_of(ids)
    for notice in its_notices:
        key = (notice.department_id, notice.level + 1)
        desks[key] = known.get(key, ())
    return departments.departments_of(ids)


def _go_on(uow: UnitOfWork, timer: Timer, notice: Notice) -> None:
    if timer.kind == REMIND:
        answers.remind(uow, notice)
    else:
        escalation.notify_next_level(uow, notice)


def _pass(uow: UnitOfWork, timer: Timer, run: Run) -> None:
    if timer.step is None or timer.visit is None:
        raise ValueError(f"timer {timer.id} is of no step")
    kind: TimerKind = "delay" if timer.kind == "delay" else "timeout"
    runs.advance_in(uow, run, TimerPassed(kind, timer.step, timer.visit))


def _put_off(timer_id: int, fault: str, now: dt.datetime) -> None:
    """Reschedule a failed timer; its fault is displayed on the page of system health."""
    with transaction(SCHEDULER, now) as uow:
        timer = db.session.get_one(Timer, timer_id)
        pause = min(dt.timedelta(seconds=2 ** min(timer.failures, PAUSE_EXPONENT)), PAUSE_LIMIT)
        db.session.execute(
            update(Timer)
            .where(Timer.id == timer_id, Timer.state == "pending")
            .values(due_at=now + pause, failures=Timer.failures + 1, fault=fault)
        )
        uow.record("timer.failed", f"timer:{timer_id}", {"fault": fault})
