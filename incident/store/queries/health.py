"""Backlog and its age, for the health probes."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, TextClause, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from incident.core.operations.watchdog import ClockOff
from incident.core.reports.custodian_sets import TEST_EVERY
from incident.store.db.counting import count_some
from incident.store.db.database import db
from incident.store.delivery.circuits import open_circuits
from incident.store.delivery.subscriptions import count_paused
from incident.store.directory import sign_in_failures
from incident.store.directory.departments import Contact
from incident.store.directory.sign_in_tries import most_tried
from incident.store.incidents.incidents import EXERCISE, Incident
from incident.store.journal import anchors, exports
from incident.store.journal.journal import head
from incident.store.notifications.messages import WAITING, Delivery, Message
from incident.store.notifications.notices import Notice
from incident.store.operations.instance import Heartbeat, instance_setting, last_tick_at
from incident.store.playbooks.runs import LIVE, Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import PENDING, Timer
from incident.store.queries.due_messages import oldest_sendable_at
from incident.store.queries.reports_about_units import USUAL
from incident.store.reports.custodians import count_overdue_custodians
from incident.store.reports.reports import Report

MAX_TICKS = 20

FINE = ("accepted", "delivered")
"""Results of a contact check that mean success."""


@dataclass(frozen=True)
class Backlog:
    """The backlog at one moment; durations are in seconds."""

    last_tick_at: dt.datetime | None
    due_timers: int
    timer_late_by: float
    unsent_messages: int
    message_age: float


def backlog(now: dt.datetime) -> Backlog:
    """Return the backlog.

    Args:
        now: the moment (UTC).
    """
    due, oldest_due = _count_and_oldest(Timer.due_at, PENDING, Timer.due_at <= now)
    unsent, oldest_unsent = _count_and_oldest(Message.created_at, WAITING)
    return Backlog(
        last_tick_at=last_tick_at(now),
        due_timers=due,
        timer_late_by=_seconds_since(oldest_due, now),
        unsent_messages=unsent,
        message_age=_seconds_since(oldest_unsent, now),
    )


@dataclass(frozen=True)
class WatchdogMeasures:
    """Measurements for the watchdog; durations are in seconds, None where nothing waits.

    `message_late` counts from when the longest waiting message that could be sent was due, or from the last attempt of
    any when that is later; `message_failing` from when the oldest was written that was tried, not accepted, and not
    sent to another contact.
    """

    last_tick_at: dt.datetime | None
    timer_late: float | None
    message_late: float | None
    message_failing: float | None
    attacked_logins: tuple[tuple[str, int], ...]
    open_origins: tuple[str, ...]
    failing_contacts: int
    overdue_custodians: int
    unconfirmed_contacts: int
    paused_subscriptions: int
    is_demonstration: bool
    clocks_off: tuple[ClockOff, ...] = ()
    anchor_age: float | None = None
    failing_anchors: tuple[tuple[str, float], ...] = ()
    export_late: tuple[tuple[str, float], ...] = ()


LATELY = dt.timedelta(seconds=30)
"""How recent a machine's tick must be for its clock to be compared."""


def watchdog_measures(now: dt.datetime, collector: str | None = None) -> WatchdogMeasures:
    """Return the measurements, each with one index look-up.

    Args:
        now: the moment (UTC).
        collector: the log collector that the journal is exported to; None for none.
    """
    timer_at = db.session.scalar(select(func.min(Timer.due_at)).where(PENDING, Timer.due_at <= now))
    is_failing = (WAITING, Message.attempts > 0, Message.passed_on_at.is_(None))
    tried_at = db.session.scalar(select(func.min(Message.created_at)).where(*is_failing))
    return WatchdogMeasures(
        last_tick_at=last_tick_at(now),
        timer_late=_age(timer_at, now),
        message_late=_message_late(now),
        message_failing=_age(tried_at, now),
        attacked_logins=tuple((login, count) for login, count in most_tried(now)),
        open_origins=tuple(circuit.origin for circuit in open_circuits()),
        failing_contacts=count_failing(),
        overdue_custodians=count_overdue_custodians(now - TEST_EVERY),
        unconfirmed_contacts=count_unconfirmed(now),
        paused_subscriptions=count_paused(),
        is_demonstration=bool(instance_setting("is_demonstration")),
        clocks_off=clocks_off(now),
        anchor_age=_age(anchors.newest_at(), now),
        failing_anchors=tuple((name, _seconds_since(one.since, now)) for name, one in anchors.failing().items()),
        export_late=() if collector is None else ((collector, _seconds_since(exports.waits_since(collector), now)),),
    )


def ticks() -> Sequence[Heartbeat]:
    """Return the last tick of each scheduler process, the latest first."""
    return db.session.scalars(select(Heartbeat).order_by(Heartbeat.at.desc()).limit(MAX_TICKS)).all()


def clocks_off(now: dt.datetime) -> tuple[ClockOff, ...]:
    """Return the clock offset to the database of each machine with a recent tick, by its last tick.

    Args:
        now: the moment (UTC).
    """
    is_late = Heartbeat.at > now - LATELY
    found = db.session.scalars(select(Heartbeat).where(is_late, Heartbeat.off_by.is_not(None)).order_by(Heartbeat.at))
    last = {one.node: one for one in found}
    return tuple(ClockOff(node, one.host or node, one.off_by or 0.0) for node, one in sorted(last.items()))


def _message_late(now: dt.datetime) -> float | None:
    due_at = oldest_sendable_at(now)
    if due_at is None:
        return None
    began_at = db.session.scalar(select(Delivery.began_at).order_by(Delivery.id.desc()).limit(1))
    return _seconds_since(due_at if began_at is None or began_at > now else max(due_at, began_at), now)


def failing_contacts() -> Select[Contact]:
    """Return the query for the contacts that failed their last check."""
    is_failing = (Contact.check_outcome.not_in(FINE), Contact.switched_off_at.is_(None))
    return select(Contact).where(*is_failing).order_by(Contact.checked_at)


def failing_now(limit: int = 50) -> Sequence[Contact]:
    """Return contacts that failed their last check, the longest failing first."""
    return db.session.scalars(failing_contacts().limit(limit)).all()


def unconfirmed_contacts(now: dt.datetime) -> Select[Contact]:
    """Return the query for the contacts without a confirmation in time."""
    is_late = (Contact.confirm_due_at <= now, Contact.switched_off_at.is_(None))
    return select(Contact).where(*is_late).order_by(Contact.confirm_due_at)


def unconfirmed_now(now: dt.datetime, limit: int = 50) -> Sequence[Contact]:
    """Return contacts without a confirmation in time, the longest waiting first."""
    return db.session.scalars(unconfirmed_contacts(now).limit(limit)).all()


def unsent_by_channel() -> Sequence[Row[str, int, dt.datetime]]:
    """Return for each channel how many messages wait, and since when the oldest does."""
    query = select(Contact.channel, func.count(), func.min(Message.created_at)).join(
        Message, Message.contact_id == Contact.id
    )
    return db.session.execute(query.where(WAITING).group_by(Contact.channel).order_by(Contact.channel)).all()


def count_failing() -> int:
    """Count the contacts that failed their last check."""
    return _count(failing_contacts())


def count_unconfirmed(now: dt.datetime) -> int:
    """Count the contacts without a confirmation in time."""
    return _count(unconfirmed_contacts(now))


def _count(query: Select[Contact]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _age(moment: dt.datetime | None, now: dt.datetime) -> float | None:
    return None if moment is None else _seconds_since(moment, now)


def _count_and_oldest(
    column: InstrumentedAttribute[dt.datetime], *wanted: ColumnElement[bool] | TextClause
) -> tuple[int, dt.datetime | None]:
    count, oldest = db.session.execute(select(func.count(), func.min(column)).where(*wanted)).one()
    return count, oldest


def _seconds_since(moment: dt.datetime | None, now: dt.datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def counts(now: dt.datetime) -> Iterator[tuple[str, str, str, Mapping[str, int]]]:
    """Yield the metrics: name, description, label, and the count by the label's value.

    Exercises are left out, except for the work of the scheduler.

    Args:
        now: the moment (UTC).
    """
    exercises = select(Incident.id).where(EXERCISE)
    live = _by(Run.state, Run.state.in_(LIVE), Run.incident_id.not_in(exercises))
    todo = _by(Task.state, Task.state == "open", Task.incident_id.not_in(exercises))
    is_real = or_(Notice.incident_id.is_(None), Notice.incident_id.not_in(exercises))
    by_state = _by(Notice.state, Notice.state.in_(("open", "declined")), is_real)
    yield "incident_incidents", "Incidents by status", "status", _real_incidents()
    yield "incident_runs_live", "Runs that have not ended, by state", "state", live
    yield "incident_tasks", "Open tasks", "state", todo
    yield "incident_notices", "Notices that wait for an answer", "state", by_state
    yield "incident_messages", "Messages not sent yet, by state", "state", _by(Message.state, WAITING)
    yield "incident_timers", "Pending timers", "state", _by(Timer.state, PENDING)
    yield "incident_reports", "Reports by state", "state", _by(Report.state, USUAL)
    failed = sign_in_failures.count_live(now)
    yield "incident_sign_in_failures", "Failed sign-ins, in the running hour of each name", "name", failed
    last = head()
    yield "incident_journal_entries", "Entries of the journal", "chain", {"instance": last.count if last else 0}


def _real_incidents() -> Mapping[str, int]:
    """Count all incidents and subtract the few exercises: both are counted in an index alone."""
    exercises = _by(Incident.status, EXERCISE)
    counted = {status: count - exercises.get(status, 0) for status, count in _by(Incident.status).items()}
    return {status: count for status, count in counted.items() if count}


def _by(column: InstrumentedAttribute[str], *wanted: ColumnElement[bool] | TextClause) -> Mapping[str, int]:
    query = select(column, func.count()).where(*wanted).group_by(column)
    return {row[0]: row[1] for row in db.session.execute(query)}


def pending_counts(now: dt.datetime) -> tuple[int, int]:
    """Count the due timers and the messages to send, up to `MAX_COUNT`."""
    due = select(Timer.id).where(Timer.state == "pending", Timer.due_at <= now)
    unsent = select(Message.id).where(Message.state.in_(("pending", "sending")))
    return count_some(due), count_some(unsent)
