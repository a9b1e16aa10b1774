"""The scheduler: APScheduler holds one next wake-up and a sweep; the rows of the database are authoritative.

A served home has two: one fires timers, the other dispatches messages and commands. In one process the many
threads that wait for providers would take processor time from the timers of a storm.
"""

import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor as Pool
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree

from incident import clock
from incident.actions.operations import housekeeping, timers
from incident.jobs.scheduling.event_workers import event_slots
from incident.jobs.scheduling.faults import log_fault
from incident.jobs.scheduling.periodic_work import Periodic, periodic_deliveries, periodic_timers
from incident.jobs.scheduling.workers import Tools, command_slots, message_slots
from incident.jobs.supervision.probe import Probe
from incident.node import NODE, Node
from incident.store.db import write_lock
from incident.store.db.database import WRITE, db
from incident.store.queries.next_due import NextDue, next_due
from incident.wake import Listener

SWEEP_EVERY = 1.0
"""Interval (s) of sweeps: the largest delay after a lost wake-up."""

BATCH = 70
"""Timers per transaction: with few, a storm takes long; with many, all other writers wait long."""

STUCK_AFTER = 10.0
"""Time (s) without a tick after which the process ends, so that another replaces it."""

ANSWER_LIMIT = 3.0
"""Time limit (s) of the database when no tick has ended; beyond it, this process is not at fault."""

DOUBT_FOR = 5.0
"""Time (s) for a tick to end after the database has answered: the tick may have waited for its recovery."""

BEAT_EVERY = 2.0

PAUSE_AFTER_WAKE = 0.02
"""Delay (s) after a wake-up to collect further ones: many commits a second need not each cause a tick."""

LEAVE_LIMIT = 5.0
"""Time limit (s) for the work in progress when the scheduler is stopped."""

log = structlog.get_logger()


class Stuck(RuntimeError):
    """The scheduler or a dispatcher is dead, or no tick has ended for too long."""


Part = Literal["timers", "deliveries"]
PARTS: Final[frozenset[Part]] = frozenset({"timers", "deliveries"})


class Clock:
    """Fires timers, and dispatches messages and commands, until it is stopped.

    Args:
        app: the application.
        tools: the tools for external work.
        listener: the source of wake-ups between ticks.
        now: reads the moment (UTC).
        parts: which of the two it does; it records its heartbeat in the database when it fires timers.
        beat: called repeatedly, so that the parent sees that this process neither is stopped nor hangs.
    """

    def __init__(
        self,
        app: Flask,
        tools: Tools,
        listener: Listener,
        now: Callable[[], datetime] = clock.now,
        parts: Collection[Part] = PARTS,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._parts = frozenset(parts)
        self._tools = tools
        self._listener = listener
        self._tell_parent = beat
        self._now = now
        self._ticking = threading.Lock()
        self._is_wanted = threading.Event()
        self._ticked_at = time.monotonic()
        self._excused_at = 0.0
        self._doubted: float | None = None
        self._beaten_at = 0.0
        self._stopping = threading.Event()
        self._node: Node = app.extensions[NODE]
        self._messages = message_slots(app, tools, now)
        self._commands = command_slots(app, tools, now)
        self._events = event_slots(app, tools, now)
        self._probe = Probe(self._is_answered)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": Pool(5)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 4},
            timezone="UTC",
        )

    def run(self) -> None:
        """Tick until `stop` is called.

        Raises:
            Stuck: when an internal thread has died; the process must then end and be restarted.
        """
        if "deliveries" in self._parts:
            self._messages.start()
            self._commands.start()
            self._events.start()
            self._events.notify()
            self._repeat(periodic_deliveries(self._app, self._tools, self._now, self._stopping.is_set))
        if "timers" in self._parts:
            self._repeat(periodic_timers(self._app, self._tools, self._now))
        self._scheduler.add_job(self.tick, "interval", seconds=SWEEP_EVERY, id="sweep")
        self._scheduler.start()
        self._wake_after(timedelta())
        try:
            while not self._stopping.is_set():
                self._wait()
                self._refuse_stuck()
                self._tell_parent()
        finally:
            self._end_scheduler()
            self._messages.stop(LEAVE_LIMIT)
            self._commands.stop(LEAVE_LIMIT)
            self._events.stop(LEAVE_LIMIT)
            self._listener.close()

    def _repeat(self, each: Sequence[Periodic]) -> None:
        for one in each:
            self._scheduler.add_job(one.work, "interval", seconds=one.every, id=one.name, max_instances=1)

    def _end_scheduler(self) -> None:
        """Shut the scheduler down between two of its rounds.

        Within a round its thread would look for the job to remove among those of a scheduler that never started, and
        die of JobLookupError. Asking for the jobs waits until the round has ended; a paused scheduler begins no other.
        """
        self._scheduler.pause()
        self._scheduler.get_jobs()
        self._scheduler.shutdown(wait=False)

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()

    def tick(self) -> None:
        """Fire due timers, dispatch pending work, and set the next wake-up.

        Ticks do not overlap: a tick requested during another makes that one run another round.
        """
        self._is_wanted.set()
        while self._is_wanted.is_set() and self._ticking.acquire(blocking=False):
            try:
                self._is_wanted.clear()
                self._tick_once()
            finally:
                self._ticking.release()

    def _tick_once(self) -> None:
        try:
            with self._app.app_context():
                has_beaten = self._beat()
                now, found = self._read_due()
                while found.timer_at is not None and found.timer_at <= now and self._fire():
                    has_beaten |= self._beat()
                    now, found = self._read_due()  # more may have come due while these were fired
                self._set_next(found, now)
            self._hand_out(found, now, has_beaten)
            self._ticked_at = time.monotonic()
        except Exception as error:  # noqa: BLE001  # the next sweep tries again
            if log_fault(error, "a scheduler tick failed"):
                self._ticked_at = time.monotonic()  # this process is not stuck, and a replacement would do no better

    def _read_due(self) -> tuple[datetime, NextDue]:
        """Return the moment and its next events; events that are not due at this moment are scheduled."""
        now, found = self._now(), next_due()
        db.session.rollback()
        if "timers" not in self._parts:
            found = found._replace(timer_at=None)
        if "deliveries" not in self._parts:
            found = found._replace(message_at=None, command_at=None)
        return now, found

    def _hand_out(self, found: NextDue, now: datetime, is_anyway: bool) -> None:
        """Dispatch due work; also at intervals, because some of it must renew its lease."""
        for slots, moment in ((self._messages, found.message_at), (self._commands, found.command_at)):
            if is_anyway or (moment is not None and moment <= now):
                slots.notify()

    def _fire(self) -> bool:
        """Fire some of the due timers; return whether there were any that no other process holds."""
        with write_lock.yielding(db.engine):
            fired = timers.fire_due(self._now(), BATCH)
        if fired.failed is not None:
            log.error("a timer failed", timer=fired.failed[0], fault=fired.failed[1])
        if fired.count:
            self._messages.notify()
        self._ticked_at = time.monotonic()
        return fired.count > 0 and not self._stopping.is_set()

    def _beat(self) -> bool:
        """Record the heartbeat at intervals; return whether it was due.

        The time is measured just before, so that a heartbeat's statement of it is reliable.
        """
        if time.monotonic() - self._beaten_at < BEAT_EVERY or not clock.measure():
            return False
        if "timers" in self._parts:
            housekeeping.beat(self._node, os.getpid(), self._now(), clock.off_by())
        self._beaten_at = time.monotonic()
        return True

    def _set_next(self, found: NextDue, now: datetime) -> None:
        """Set the single wake-up to the next due moment, if that is before the next sweep."""
        coming = [moment for moment in found if moment is not None and moment > now]  # due work is already in progress
        if coming and min(coming) < now + timedelta(seconds=SWEEP_EVERY):
            self._wake_after(min(coming) - now)

    def _wake_after(self, wait: timedelta) -> None:
        """Schedule a tick after a delay; the scheduler uses the machine's own time."""
        self._scheduler.add_job(self.tick, "date", run_date=clock.machine() + wait, id="wake", replace_existing=True)

    def _wait(self) -> None:
        try:
            if self._listener.wait(0.5):
                self._wake_after(timedelta())
                self._stopping.wait(PAUSE_AFTER_WAKE)
        except ConnectionError as error:
            log.warning("cannot listen for wake-ups; sweeps continue", error=str(error))
            self._stopping.wait(1.0)

    def _refuse_stuck(self) -> None:
        threads = {thread.name for thread in threading.enumerate()}
        if not self._scheduler.running or "APScheduler" not in threads:
            raise Stuck("the scheduler's thread is dead")
        slots = (self._messages, self._commands, self._events)
        if "deliveries" in self._parts and not all(one.is_alive for one in slots):
            raise Stuck("a dispatcher's thread is dead")
        ticked_at = self._ticked_at
        if time.monotonic() - max(ticked_at, self._excused_at) > STUCK_AFTER:
            self._doubt(ticked_at)

    def _doubt(self, ticked_at: float) -> None:
        """Find the cause when no tick has ended: this process only if the database answers it twice.

        Args:
            ticked_at: the end of the last tick, on the machine's steady clock.
        """
        if not self._probe.answer(ANSWER_LIMIT):
            log.error("the database does not respond: waiting", outage="away")
            self._excused_at, self._doubted = time.monotonic(), None
        elif self._doubted != ticked_at:
            self._excused_at, self._doubted = time.monotonic() - STUCK_AFTER + DOUBT_FOR, ticked_at
        elif self._ticked_at == ticked_at:
            raise Stuck(f"no tick for {STUCK_AFTER:.0f} s, although the database answers")

    def _is_answered(self) -> bool:
        """Whether the database lets this process write, tested with a new connection."""
        try:
            with self._app.app_context():
                db.session.connection(execution_options={WRITE: True}).execute(text("SELECT 1"))
                db.session.remove()
        except Exception as error:  # noqa: BLE001  # a process that has used up its connections is stuck all the same
            return isinstance(error, NoneFree) or not isinstance(error, SQLAlchemyError)
        return True
