"""The watchdog: a process separate from the scheduler; measures the system, sends alarms, pings external monitoring."""

import datetime as dt
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from incident import clock, watchdog_state
from incident.actions.operations.watchdog import enter_alarm
from incident.core.operations import alarm
from incident.core.operations.watchdog import TROUBLE_WORDS, Limits, Measured, Trouble, is_well, troubles_of
from incident.core.values.error_messages import fill
from incident.core.values.moment import format_moment
from incident.jobs.supervision.alarm import AlarmAttempt, AlarmSender
from incident.jobs.supervision.probe import Probe
from incident.outgoing import Outgoing, OutgoingError
from incident.store.db.database import db
from incident.store.db.outage import driver_words, outage_of
from incident.store.queries import health

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class WatchIntervals:
    """Intervals of checks and pings, and the time limit of the database; in seconds.

    While the database does not answer, checks run every `look_again`: a recovery is reported at once.
    """

    look_every: float = 10.0
    look_again: float = 1.0
    ping_every: float = 60.0
    answer_limit: float = 10.0


@dataclass(frozen=True, kw_only=True)
class WatchdogConfig:
    """The orders of a watchdog: its home, the thresholds of faults, the recipients of alarms and pings."""

    home: Path
    alarm_sender: AlarmSender
    outgoing: Outgoing = field(default_factory=lambda: Outgoing(allow_private=True))
    ping_url: str | None = field(default=None, repr=False)
    anchor_places: tuple[str, ...] = ()
    collector: str | None = None
    limits: Limits = field(default_factory=Limits)
    schedule: alarm.AlarmSchedule = field(default_factory=alarm.AlarmSchedule)
    pace: WatchIntervals = field(default_factory=WatchIntervals)


class Watch:
    """Checks, alarms and pings until it is stopped; of several processes with one home only one does so.

    Args:
        app: the application, for its database.
        orders: the orders.
        now: reads the moment (UTC).
    """

    def __init__(self, app: Flask, orders: WatchdogConfig, now: Callable[[], dt.datetime] = clock.now) -> None:
        self._app = app
        self._orders = orders
        self._now = now
        self._began_at = now()
        self._outgoing = orders.outgoing
        self._stopping = threading.Event()
        self._probe: Probe[health.WatchdogMeasures | str] = Probe(self._ask)
        self._back_at = self._began_at
        self._is_away = False
        self._alarms = alarm.read_alarms(watchdog_state.load(orders.home).get("alarms"))
        self._ping: dict[str, Any] = {}
        self._pinged_at: dt.datetime | None = None
        self._tried: list[AlarmAttempt] = []
        self._unwritten: list[tuple[alarm.AlarmNews, str | None, dt.datetime]] = []
        self._is_demonstration = False

    def run(self) -> None:
        """Run until `stop` is called."""
        while not self._stopping.is_set():
            try:
                with watchdog_state.exclusive_lock(self._orders.home) as is_ours:
                    while is_ours and not self._stopping.is_set():
                        self._look_safely()
                        self._stopping.wait(self._pause())
            except OSError as error:  # the lock cannot be created, as the disk is full or the home is gone
                log.error("cannot lock the state of the watchdog: this process watches anyway", fault=error.strerror)
                self._look_safely()
            self._stopping.wait(self._orders.pace.look_every)

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()

    def _pause(self) -> float:
        return self._orders.pace.look_again if self._is_away else self._orders.pace.look_every

    def _look_safely(self) -> None:
        try:
            self.look()
        except Exception:  # an internal fault must not end the watchdog: the next check follows
            log.exception("the watchdog could not check the system")

    def look(self) -> tuple[Trouble, ...]:
        """Check once: measure, send alarms, ping when there is no fault, and record the findings."""
        now = self._now()
        measured = self._measure(now)
        found = troubles_of(measured, self._orders.limits)
        self._alarms, what = alarm.look(self._alarms, found, now, self._orders.schedule)
        if what is not None:
            self._tell(what, now)
        if is_well(found):
            self._ping_outside(now)
        if measured.database_fault is None:
            self._write_entries()
        self._note(found, now)
        return found

    # ------------------------------------------------------------------------------------------------- measuring
    def _measure(self, now: dt.datetime) -> Measured:
        answer = self._probe.answer(self._orders.pace.answer_limit)
        here = self._measure_home(now)
        if answer is None or isinstance(answer, str):
            self._is_away = True
            return here if here.damage else replace(here, database_fault=answer or "Timeout")
        if self._is_away:
            self._is_away, self._back_at = False, now
        self._is_demonstration = answer.is_demonstration
        last = max(answer.last_tick_at or self._began_at, self._began_at, self._back_at)
        # While the database was away nothing could be in time, which was reported: delays count from its return.
        since_back = max(0.0, (now - self._back_at).total_seconds())
        return replace(
            here,
            silent_for=max(0.0, (now - last).total_seconds()),
            timer_late=None if answer.timer_late is None else min(answer.timer_late, since_back),
            message_late=None if answer.message_late is None else min(answer.message_late, since_back),
            message_failing=answer.message_failing,
            clocks_off=answer.clocks_off,
            attacked_logins=answer.attacked_logins,
            anchor_age=answer.anchor_age if self._anchor_places else None,
            failing_anchors=tuple(one for one in answer.failing_anchors if one[0] in self._anchor_places),
            export_late=self._export_late(answer),
            open_origins=answer.open_origins,
            failing_contacts=answer.failing_contacts,
            overdue_custodians=answer.overdue_custodians,
            unconfirmed_contacts=answer.unconfirmed_contacts,
            paused_subscriptions=answer.paused_subscriptions,
        )

    def _export_late(self, answer: health.WatchdogMeasures) -> tuple[str, float] | None:
        collector = self._orders.collector
        late = dict(answer.export_late).get(collector or "")
        return None if collector is None or late is None or self._is_demonstration else (collector, late)

    @property
    def _anchor_places(self) -> tuple[str, ...]:
        return () if self._is_demonstration else self._orders.anchor_places

    def _measure_home(self, now: dt.datetime) -> Measured:
        """Measurements without the database."""
        home, limits = self._orders.home, self._orders.limits
        busy_since = watchdog_state.busy_since(home)
        return Measured(
            damage=watchdog_state.damage_since(home, now - dt.timedelta(seconds=limits.damage_within)),
            busy_for=None if busy_since is None else max(0.0, (now - busy_since).total_seconds()),
            refused_senders=watchdog_state.refused_since(home, now - dt.timedelta(seconds=limits.refused_within)),
            deaths=watchdog_state.deaths_since(home, now - dt.timedelta(seconds=limits.deaths_within)),
            disk_free=watchdog_state.free_space(home),
        )

    def _ask(self) -> health.WatchdogMeasures | str:
        """Measurements from the database, or the kind of its fault."""
        try:
            with self._app.app_context():
                return health.watchdog_measures(self._now(), self._orders.collector)
        except SQLAlchemyError as error:
            if outage_of(error) == "damaged":
                watchdog_state.note_damage(self._orders.home, driver_words(error), self._now())
            with suppress(SQLAlchemyError), self._app.app_context():
                db.engine.dispose()
            return type(error).__name__
        except Exception as error:  # the check must end, and reports that this one has failed
            log.exception("the watchdog could not query the database")
            return type(error).__name__

    # --------------------------------------------------------------------------------------------------- telling
    def _tell(self, what: alarm.AlarmNews, now: dt.datetime) -> None:
        alarm_sender = self._orders.alarm_sender
        for one in what.standing:
            if one.trouble.key in what.due:
                log.critical("a system fault began", said=fill(TROUBLE_WORDS[one.trouble.code], one.trouble.arguments))
        for one in what.ended:
            log.warning("a system fault ended", code=one.trouble.code)
        is_silent = self._is_demonstration or not alarm_sender.has_addresses
        self._tried = [] if is_silent else alarm_sender.send(what, now)
        taken = next((tried.kind for tried in self._tried if tried.is_taken), None)
        for tried in self._tried:
            if not tried.is_taken:
                log.error("an address did not accept an alarm", kind=tried.kind, detail=tried.detail)
        if taken is None and not is_silent:
            self._alarms = alarm.alarms_after_unsent(self._alarms, now)
            return
        self._alarms = alarm.alarms_after_sent(self._alarms, what, now)
        self._unwritten.append((what, taken, now))

    def _write_entries(self) -> None:
        """Record the alarms in the journal, including those sent while the database was gone."""
        while self._unwritten:
            try:
                with self._app.app_context():
                    enter_alarm(*self._unwritten[0])
            except SQLAlchemyError as error:
                log.error("the journal cannot be written", fault=type(error).__name__)
                return
            self._unwritten.pop(0)

    def _ping_outside(self, now: dt.datetime) -> None:
        """Ping external monitoring when there is no fault; without pings for a while, that sends its own alarm."""
        url = self._orders.ping_url
        every = dt.timedelta(seconds=self._orders.pace.ping_every)
        is_early = self._pinged_at is not None and dt.timedelta(0) <= now - self._pinged_at < every
        if url is None or is_early or self._is_demonstration:
            return
        self._pinged_at = now
        try:
            status = self._outgoing.request("GET", url, body_limit=1 << 12, is_fresh=True).status
            is_taken, detail = 200 <= status < 300, str(status)
        except OutgoingError as error:
            is_taken, detail = False, type(error).__name__
        if not is_taken:
            log.error("the ping failed", detail=detail)
        taken_at = format_moment(now) if is_taken else self._ping.get("taken_at")
        self._ping = {"at": format_moment(now), "is_taken": is_taken, "detail": detail, "taken_at": taken_at}

    # ---------------------------------------------------------------------------------------------------- noting
    def _note(self, found: tuple[Trouble, ...], now: dt.datetime) -> None:
        seen = {
            "looked_at": format_moment(now),
            "began_at": format_moment(self._began_at),
            "troubles": [{"code": one.code, "arguments": dict(one.arguments)} for one in found],
            "alarms": self._alarms.to_json(),
            "ping": self._ping or None,
            "has_ping": self._orders.ping_url is not None,
            "has_addresses": self._orders.alarm_sender.has_addresses,
            "tried": [{"kind": one.kind, "is_taken": one.is_taken, "detail": one.detail} for one in self._tried],
        }
        try:
            watchdog_state.save(self._orders.home, seen)
        except OSError as error:
            log.error("the state of the watchdog cannot be saved", fault=error.strerror)
