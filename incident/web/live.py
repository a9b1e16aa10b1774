"""Server-sent events: one poller for a process reads where the journal ends, and tells open pages what changed."""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import flask
import structlog
from werkzeug.exceptions import ServiceUnavailable

from incident.store import journal
from incident.store.database import db

EXTENSION = "incident_live"
POLL_PAUSE = 0.3
"""Seconds between two looks at the journal while a page is open."""

WAIT = 1.0
"""Seconds after which a quiet stream looks whether anybody still listens."""

HEARTBEAT = 3.0
"""Seconds after which a stream says that it is there; a page that hears nothing for 8 s opens it anew (js/live.js)."""

STREAM_LIMIT = 600.0
"""Seconds after which a stream ends, so that who listens is asked for anew; the browser comes back by itself."""

RETRY_AFTER = 5
SHARE = 0.75
"""How much of a worker's threads streams may hold; the rest answers requests."""

MOST_UNKNOWN = 1
"""Streams of a worker that has threads, nobody said how many: two at least, so that one stream leaves one."""

log = structlog.get_logger()

Changes = Sequence[tuple[int, str | None]]


@dataclass(eq=False)
class Follower:
    """One open page, and what it has not been told yet: the last `seq`, and the numbers that changed up to it."""

    hub: "Hub"
    news: SimpleQueue[tuple[int, frozenset[str]]] = field(default_factory=SimpleQueue)

    def next_news(self, limit: float) -> tuple[int, frozenset[str]]:
        """Wait at most `limit` seconds for news: a `seq`, 0 when there are none, and the numbers of the incidents."""
        try:
            return self.news.get(timeout=limit)
        except Empty:
            return 0, frozenset()

    def leave(self) -> None:
        """Give the place back; a second time does nothing."""
        self.hub.drop(self)


class Hub:
    """The open streams of one process; its poller runs only while there are any.

    Args:
        head: returns the last `seq` of the journal.
        read: returns `seq` and incident number of the entries past a `seq`.
    """

    def __init__(self, head: Callable[[], int], read: Callable[[int], Changes]) -> None:
        self._head = head
        self._read = read
        self._lock = threading.Lock()
        self._followers: set[Follower] = set()
        self._poller: threading.Thread | None = None
        self._looked_at = 0.0
        self._most: int | None = None
        self.is_alive: Callable[[], bool] = lambda: True

    def fit(self, threads: int, is_alive: Callable[[], bool]) -> None:
        """Say how many threads this worker has, and how to know that it is to end.

        Args:
            threads: threads of this worker; with one, there are no streams and pages look for news themselves.
            is_alive: turns false when the worker was asked to stop; its streams end within a second.
        """
        self._most = int(threads * SHARE) if threads > 1 else 0
        self.is_alive = is_alive

    def room(self, *, has_threads: bool) -> int:
        """Return how many streams may be open."""
        if self._most is not None:
            return self._most
        return MOST_UNKNOWN if has_threads else 0

    def follow(self, most: int) -> Follower | None:
        """Take a place, None when `most` are taken."""
        with self._lock:
            if len(self._followers) >= most or not self.is_alive():
                return None
            follower = Follower(self)
            self._followers.add(follower)
            if self._poller is None or not self._poller.is_alive():
                seq = self._head()
                self._poller = threading.Thread(target=self._poll, args=(seq,), name="live", daemon=True)
                self._poller.start()
        return follower

    @property
    def is_looking(self) -> bool:
        """Whether the poller has seen the journal of late: only then an open page may hold itself for live."""
        return time.monotonic() - self._looked_at < HEARTBEAT

    def drop(self, follower: Follower) -> None:
        """Take a follower out."""
        with self._lock:
            self._followers.discard(follower)

    def count(self) -> int:
        """Return how many streams are open."""
        with self._lock:
            return len(self._followers)

    def _poll(self, seq: int) -> None:
        pause = threading.Event()
        while self._is_wanted():
            try:
                changes = self._read(seq)
            except Exception as error:  # noqa: BLE001  # the database may be away: the next look may find it again
                log.warning("cannot look for what changed", error=str(error))
                pause.wait(WAIT)
                continue
            self._looked_at = time.monotonic()
            if changes:
                seq = changes[-1][0]
                self._tell(seq, frozenset(number for _, number in changes if number))
            pause.wait(POLL_PAUSE)

    def _is_wanted(self) -> bool:
        with self._lock:
            if self._followers and self.is_alive():
                return True
            self._poller = None
            return False

    def _tell(self, seq: int, numbers: frozenset[str]) -> None:
        with self._lock:
            for follower in self._followers:
                follower.news.put((seq, numbers))


def register(app: flask.Flask) -> Hub:
    """Give the app its hub."""

    def head() -> int:
        with app.app_context():
            row = journal.head()
            return 0 if row is None else row.count

    def read(seq: int) -> Changes:
        with app.app_context():
            return journal.changes_after(seq)

    hub = Hub(head, read)
    app.extensions[EXTENSION] = hub
    return hub


def answer(number: str | None, after: int, missed: Callable[[int], int]) -> flask.Response:
    """Open a stream of the changes of one incident, or of all.

    Args:
        number: the incident; None for all.
        after: the `seq` up to which the page knows everything.
        missed: returns the last `seq` past `after` that the page should know of, `after` when there is none.

    Raises:
        ServiceUnavailable: when no further stream fits; the page asks again later.
    """
    hub: Hub = flask.current_app.extensions[EXTENSION]
    db.session.rollback()  # what looks below has a connection of its own: none is held while it waits for that
    follower = hub.follow(hub.room(has_threads=flask.request.is_multithread))
    if follower is None:
        raise ServiceUnavailable(retry_after=RETRY_AFTER)
    with flask.current_app.app_context():  # this request reads as of its beginning, the poller as of now: between them
        known = missed(after)  # something may have been written, which nobody would tell
    events = _events(follower, number, after, known, dict(flask.request.environ))
    opened = flask.Response(events, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    opened.call_on_close(follower.leave)
    return opened


def _events(
    follower: Follower, number: str | None, after: int, known: int, environ: Mapping[str, Any]
) -> Iterator[bytes]:
    began = heard = time.monotonic()
    yield b"retry: 2000\n: open\n\n"
    if known > after:
        yield _event(known)
    while time.monotonic() - began < STREAM_LIMIT and follower.hub.is_alive():
        seq, numbers = follower.next_news(WAIT)
        if seq > known and (number in numbers if number else numbers):
            known, heard = seq, time.monotonic()
            yield _event(seq)
        elif time.monotonic() - heard >= HEARTBEAT and follower.hub.is_looking:
            heard = time.monotonic()
            yield b"event: beat\n\n"
        if _has_gone(environ):
            return


def _event(seq: int) -> bytes:
    return f"id: {seq}\nevent: news\ndata: {seq}\n\n".encode()


def _has_gone(environ: Mapping[str, Any]) -> bool:
    """Tell whether the browser has hung up, which a server that only writes would notice late."""
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if connection is None:
        return False
    ready = select.poll()
    try:
        ready.register(connection, select.POLLIN)
        # A socket with a time limit would wait that long before it says that there is nothing to read.
        return bool(ready.poll(0)) and len(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)) == 0
    except (BlockingIOError, ValueError):  # nothing to read, or a wrapped socket that cannot peek
        return False
    except OSError:
        return True
