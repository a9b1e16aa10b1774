"""Access log of confidential data; a thread writes the records after the requests, which never wait for it."""

import atexit
import datetime as dt
from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, has_request_context
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from incident import clock
from incident.actions.journal.access_log import record_reads
from incident.core.journal.access_log import ObjectKind, ReadKey, Reads, hour_of
from incident.core.values.access import IncidentFacts, may_see_incident, sees_red
from incident.node import NODE
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.web.instance import now
from incident.web.security.auth import Caller, caller

ACCESS_LOG = "incident_access_log"
"""Key of the collector in `app.extensions`."""

MOST = 10_000
"""Limit of unwritten records; further ones are counted as lost."""

EVERY = 2.0
"""Interval (s) between two transactions."""

RED = "red"


class ReadCollector:
    """The unwritten access records of one process.

    Args:
        write: records reads and the count of lost ones; if it raises, the records are kept here.
        most: the limit of unwritten records.
        every: the interval (s) between two calls of `write`.
    """

    def __init__(
        self, write: Callable[[dict[ReadKey, Reads], int], None], most: int = MOST, every: float = EVERY
    ) -> None:
        self._write = write
        self._most = most
        self._every = every
        self._lock = Lock()
        self._waiting: dict[ReadKey, Reads] = {}
        self._lost = 0
        self._wanted = Event()

    def note(self, owner: str, actor: str, kind: str, identifier: str, at: dt.datetime) -> None:
        """Record that somebody reads something; never waits and never fails."""
        with self._lock:
            self._merge(ReadKey(owner, kind, identifier, hour_of(at)), Reads(actor, at, at))

    def start(self) -> None:
        """Start writing records in a thread of this process, and write the remaining ones when the process ends.

        Must be called in each serving process after the fork: threads do not survive a fork.
        """
        Thread(target=self._run, name="access-log", daemon=True).start()
        atexit.register(self.flush)

    def flush(self) -> bool:
        """Write the pending records; return whether all of them are written."""
        with self._lock:
            reads, lost = self._waiting, self._lost
            self._waiting, self._lost = {}, 0
        if not reads and not lost:
            return True
        try:
            self._write(reads, lost)
        except Exception as error:  # noqa: BLE001  # after any fault the reads are kept
            structlog.get_logger().warning("reads could not be recorded yet", count=len(reads), error=str(error))
            with self._lock:
                self._lost += lost
                for key, one in reads.items():
                    self._merge(key, one)
            return False
        return True

    def _merge(self, key: ReadKey, reads: Reads) -> None:
        here = self._waiting.get(key)
        if here is not None:
            here.first_at, here.last_at = min(here.first_at, reads.first_at), max(here.last_at, reads.last_at)
            here.count += reads.count
        elif len(self._waiting) < self._most:
            self._waiting[key] = reads
        else:
            self._lost += reads.count

    def _run(self) -> None:
        while True:
            self._wanted.wait(self._every)
            self.flush()


def register(app: Flask) -> None:
    """Record reads of incidents marked TLP:RED and of personal data by the requests of an app."""

    def write(reads: dict[ReadKey, Reads], lost: int) -> None:
        with app.app_context():
            record_reads(reads, lost, app.extensions[NODE].name, clock.now())

    app.extensions[ACCESS_LOG] = ReadCollector(write)
    app.after_request(_note_loaded)


def note_read(kind: ObjectKind, identifier: object) -> None:
    """Record that the caller reads an object; nothing is recorded for anonymous callers or one's own account."""
    asking = caller()
    if asking is not None and not (kind == "person" and identifier == asking.person_id):
        _note(asking, kind, str(identifier))


def note_listed(rows: Iterable[Any]) -> None:
    """Record the incidents marked TLP:RED among the rows of a list that the caller sees.

    Args:
        rows: each with `tlp` and `number`.
    """
    for row in rows:
        if row.tlp == RED:
            note_read("incident", row.number)


def _note(asking: Caller, kind: str, identifier: str) -> None:
    current_app.extensions[ACCESS_LOG].note(asking.owner, asking.actor, kind, identifier, now())


@event.listens_for(Incident, "load")
def _loaded(incident: Incident, _context: object) -> None:
    """Views of an incident load it, which is observed here; lists of plain rows are recorded where they are built."""
    if has_request_context() and incident.tlp == RED:
        g.setdefault("red_loaded", {})[incident.id] = incident.number


def _note_loaded(response: Response) -> Response:
    """Record the incidents marked TLP:RED that this request has loaded and that the caller may see."""
    loaded: dict[int, str] = g.get("red_loaded", {})
    asking = g.get("caller") if loaded and response.status_code < 400 else None
    if asking is None:
        return response
    try:
        for incident_id, number in loaded.items():
            if _may_see(asking, incident_id):
                _note(asking, "incident", number)
    except SQLAlchemyError as error:  # the page matters more than the record that it was read
        db.session.rollback()
        structlog.get_logger().warning("a read could not be recorded", error=str(error))
    return response


def _may_see(asking: Caller, incident_id: int) -> bool:
    if sees_red(asking.viewer):
        return True
    named = frozenset(incidents.people_on(incident_id))
    return may_see_incident(asking.viewer, IncidentFacts(RED, named_person_ids=named))
