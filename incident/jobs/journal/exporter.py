"""The process that exports the journal to a log collector, in order; it saves its position after each acceptance."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from incident import clock
from incident.actions.journal import exporting
from incident.core.journal.log_export import MAX_DATAGRAM, MAX_STREAM, Exported, document_of, syslog_message
from incident.jobs.journal.collector import Collector
from incident.outgoing import OutgoingError
from incident.proof_settings import ExportSettings
from incident.store.db.database import db
from incident.store.operations import instance

BATCH: Final = 200

SENT_AGAIN: Final = 10.0
"""Time (s): data sent this shortly before a connection broke may not have been read, and is sent again."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class ExportPace:
    """Intervals (s) of polling and of renewing the lease, and the shortest and longest wait after a fault."""

    look_every: float = 1.0
    renew_every: float = 5.0
    pause_least: float = 1.0
    max_pause: float = 30.0


class Exporter:
    """Sends until it is stopped; of several processes with one database only one sends.

    Args:
        app: the application, for its database.
        settings: the collector.
        host: the name of the instance's host in the messages.
        by: the name of the process for other processes.
        now: reads the moment (UTC).
        pace: the intervals.
        beat: called repeatedly, so that the parent sees that this process neither is stopped nor hangs.
    """

    def __init__(
        self,
        app: Flask,
        settings: ExportSettings,
        host: str,
        by: str,
        now: Callable[[], datetime] = clock.now,
        pace: ExportPace | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._settings = settings
        self._host = host
        self._by = by
        self._now = now
        self._pace = pace or ExportPace()
        self._beat = beat
        self._collector = Collector(settings)
        self._stopping = threading.Event()
        self._position: int | None = None
        self._renewed_at = 0.0
        self._sent: deque[tuple[float, int]] = deque()
        self._is_failing = False

    def run(self) -> None:
        """Send until `stop` is called."""
        pause = self._pace.pause_least
        while not self._stopping.is_set():
            self._beat()
            try:
                has_more = self.step()
                if self._is_failing and self._collector.is_open:
                    log.warning("the log collector accepts entries again", collector=self._settings.name)
                    self._is_failing = False
                pause = self._pace.pause_least
                if not has_more:
                    self._stopping.wait(self._pace.look_every)
            except (OSError, OutgoingError) as error:
                self._fail("the log collector accepts nothing: entries wait", error)
                self._stopping.wait(pause)
                pause = min(2 * pause, self._pace.max_pause)
            except SQLAlchemyError as error:
                self._fail("the database does not respond: the export waits", error)
                self._stopping.wait(self._pace.pause_least)
        self._collector.close()

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()

    def step(self) -> bool:
        """Send pending entries, up to a limit; return whether there may be more.

        Raises:
            OSError, OutgoingError: when the collector does not accept them.
            SQLAlchemyError: when the database does not answer.
        """
        with self._app.app_context():
            try:
                return self._step()
            finally:
                db.session.remove()

    def _step(self) -> bool:
        position = None if instance.instance_setting("is_demonstration") else self._turn()
        if position is None:
            self._collector.close()
            return False
        if not self._collector.is_open:
            self._collector.open()
        entries = exporting.entries_after(position, BATCH)
        if not entries:
            self._collector.look()
            return False
        self._collector.send([self._message(one) for one in entries])
        self._note_sent(position)
        self._position = entries[-1].seq
        if not exporting.advance(self._settings.name, self._position, self._by, self._now()):
            self._position = None
        self._renewed_at = time.monotonic()
        return len(entries) == BATCH

    def _turn(self) -> int | None:
        """Return the start position when this process holds the lease, which it renews from time to time."""
        if self._position is None or time.monotonic() - self._renewed_at > self._pace.renew_every:
            position = exporting.take_turn(self._settings.name, self._by, self._now())
            self._renewed_at = time.monotonic()
            if position is None or self._position is None:
                self._position = position
        return self._position

    def _message(self, entry: Exported) -> bytes:
        most = MAX_DATAGRAM if self._settings.transport == "udp" else MAX_STREAM
        return syslog_message(document_of(entry, has_details=self._settings.has_details), self._host, most)

    def _note_sent(self, position: int) -> None:
        self._sent.append((time.monotonic(), position))
        while self._sent[0][0] < time.monotonic() - SENT_AGAIN:
            self._sent.popleft()

    def _fail(self, what: str, error: Exception) -> None:
        self._collector.close()
        lately = [position for moment, position in self._sent if moment >= time.monotonic() - SENT_AGAIN]
        if lately and self._position is not None:
            self._position = min(lately)
        self._sent.clear()
        if not self._is_failing:
            log.error(what, collector=self._settings.name, fault=str(error) or type(error).__name__)
        self._is_failing = True
