"""Server-sent events: one poller per process reads the end of the journal and notifies open pages of changes.

Under our own server (`fit` with counts) a stream holds no thread: once it has begun, the poller writes it. Elsewhere
each stream holds a thread, and there are few.
"""

import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import flask
import structlog

from incident.core.values.access import Viewer
from incident.detached import Detached
from incident.shared_counts import SharedCounts
from incident.store.db.database import db
from incident.store.journal import journal
from incident.web.streams.presence import NO_PAGES, OpenPage, Pages, Presence, presence_of
from incident.web.streams.stream_messages import PagesNews, StreamConnection, StreamNews, StreamsFull, has_gone, hung_up
from incident.web.streams.subscriber import Changes, Subscriber, read_changes

EXTENSION = "incident_live"
POLL_PAUSE = 0.3
"""Poll interval (s) of the journal while a page is open."""

WAIT = 1.0
"""Interval (s) at which an idle stream checks that the client is still connected."""

QUIET_FOR = 3.0
"""Time (s) without a poll of the journal after which no page may consider itself live."""

PER_SESSION = 20
"""Streams of one session or token at once; not per address, because a whole office may share one."""

PER_NODE = 1_000
"""Streams at once of all workers of a node."""

RETRY_AFTER = 5
SHARE = 0.75
"""Share of a worker's threads for streams where each holds one; the others answer requests."""

MAX_UNKNOWN = 1
"""Streams of a worker with an unknown number of threads: there are at least two, so one remains free."""

log = structlog.get_logger()


class StreamCounts(NamedTuple):
    """The number of streams per session and of the node, in memory that its workers share."""

    sessions: SharedCounts
    node: SharedCounts


class Broker:
    """The open streams of one process; its poller runs only while there are any.

    Args:
        head: returns the last `seq` of the journal.
        read: returns the entries past a `seq`.
    """

    def __init__(self, head: Callable[[], int], read: Callable[[int], Changes]) -> None:
        self._head = head
        self._read = read
        self._lock = threading.Lock()
        self._followers: set[Subscriber] = set()
        self._poller: threading.Thread | None = None
        self._looked_at = 0.0
        self._most: int | None = None
        self._counts: StreamCounts | None = None
        self.is_alive: Callable[[], bool] = lambda: True
        self.presence: Presence | None = None

    def fit(self, threads: int, is_alive: Callable[[], bool], counts: tuple[SharedCounts, ...] = ()) -> None:
        """Set the number of threads of this worker, and the check for its shutdown.

        Args:
            threads: threads of this worker; with one, there are no streams and pages poll instead.
            is_alive: returns false when the worker was asked to stop; its streams end within a second.
            counts: of sessions and of the node; with them the worker serves streams without threads.
        """
        self._counts = StreamCounts(*counts) if counts else None
        self._most = PER_NODE if counts else int(threads * SHARE) if threads > 1 else 0
        self.is_alive = is_alive

    @property
    def is_detaching(self) -> bool:
        """Whether streams hold no thread here."""
        return self._counts is not None

    def capacity(self, *, has_threads: bool) -> int:
        """Return the maximum number of open streams."""
        if self._most is not None:
            return self._most
        return MAX_UNKNOWN if has_threads else 0

    def follow(
        self, most: int, key: str = "", viewer: Viewer | None = None, pages: Pages = NO_PAGES
    ) -> Subscriber | None:
        """Take a place for pages, None when `most` are taken here, or all of the session or the node."""
        with self._lock:
            if len(self._followers) >= most or not self.is_alive() or not self._count_in(key):
                return None
            follower = Subscriber(self.drop, key, viewer, pages=pages)
            self._followers.add(follower)
            if self._poller is None or not self._poller.is_alive():
                seq = self._head()
                self._poller = threading.Thread(target=self._poll, args=(seq,), name="live", daemon=True)
                self._poller.start()
        if self.presence is not None and follower.open_pages:
            self.presence.arrived()
        return follower

    def open_pages(self) -> frozenset[OpenPage]:
        """Return the pages of incidents that people have open here."""
        with self._lock:
            return frozenset(page for one in self._followers for page in one.open_pages)

    def publish_people(self, incident_ids: Collection[int]) -> None:
        """Notify the pages of incidents that others came or left."""
        with self._lock:
            for follower in self._followers:
                follower.publish_people(incident_ids)

    @property
    def is_looking(self) -> bool:
        """Whether the poller has read the journal recently: only then an open page may consider itself live."""
        return time.monotonic() - self._looked_at < QUIET_FOR

    def drop(self, follower: Subscriber) -> None:
        """Remove a subscriber."""
        with self._lock:
            if follower not in self._followers:
                return
            self._followers.discard(follower)
            if self._counts is not None:
                self._counts.sessions.remove(follower.key)
                self._counts.node.remove("")

    def _count_in(self, key: str) -> bool:
        if self._counts is None:
            return True
        if not self._counts.node.add("", PER_NODE):
            return False
        if self._counts.sessions.add(key, PER_SESSION):
            return True
        self._counts.node.remove("")
        return False

    def take_over(
        self,
        follower: Subscriber,
        telling: StreamNews,
        is_chunked: bool,
        connection: socket.socket,
        ended: Callable[[], None],
    ) -> None:
        """Write to a page from now on; its thread has sent the beginning."""
        follower.line = StreamConnection(connection, telling, is_chunked=is_chunked, ended=ended)

    def count(self) -> int:
        """Return how many streams are open."""
        with self._lock:
            return len(self._followers)

    def _poll(self, seq: int) -> None:
        pause = threading.Event()
        while self._is_wanted():
            try:
                changes = self._read(seq)
                self._looked_at = time.monotonic()
            except Exception as error:  # noqa: BLE001  # the database may be away: the next look may find it again
                log.warning("cannot query changes for live pages", error=str(error))
                changes = ()
            if changes:
                seq = changes[-1].seq
                self._tell(changes)
            self._write_lines()
            pause.wait(POLL_PAUSE if self.is_looking else WAIT)
        for follower in self._with_lines():
            self._end(follower, is_whole=True)

    def _with_lines(self) -> list[Subscriber]:
        with self._lock:
            return [one for one in self._followers if one.line is not None]

    def _write_lines(self) -> None:
        """Write to each connection without a thread, and release the clients that have disconnected."""
        followers = self._with_lines()
        gone = hung_up([one.line.connection for one in followers if one.line is not None])
        at = time.monotonic()
        for one in followers:
            line = one.line
            if one.is_ended:
                self._end(one, is_whole=True)
            elif line is None or line.connection in gone or not line.go_on(one.news, at, is_looking=self.is_looking):
                self._end(one)

    def _end(self, follower: Subscriber, *, is_whole: bool = False) -> None:
        follower.leave()
        if follower.line is not None:
            if is_whole:
                follower.line.finish()
            follower.line.ended()

    def _is_wanted(self) -> bool:
        with self._lock:
            if self._followers and self.is_alive():
                return True
            self._poller = None
            return False

    def _tell(self, changes: Changes) -> None:
        numbers = frozenset(one.incident for one in changes if one.incident and one.audience is None)
        closed = [one for one in changes if one.audience is not None]
        accounts = frozenset(one.account for one in changes if one.account)
        regrouped = frozenset(one.incident for one in changes if one.incident and one.has_new_readers)
        with self._lock:
            for follower in self._followers:
                follower.end_for(accounts, regrouped)
                follower.publish(changes[-1].seq, numbers, closed)


def register(app: flask.Flask) -> Broker:
    """Create the hub of the app."""

    def head() -> int:
        with app.app_context():
            row = journal.head()
            return 0 if row is None else row.count

    def read(seq: int) -> Changes:
        with app.app_context():
            return read_changes(seq)

    hub = Broker(head, read)
    hub.presence = presence_of(app, hub.publish_people, hub.open_pages)
    app.extensions[EXTENSION] = hub
    return hub


def stream_response(
    number: str | None, after: int, missed: Callable[[int], int], key: str = "", viewer: Viewer | None = None
) -> flask.Response:
    """Open a stream of the changes of one incident, or of all.

    Args:
        number: the incident; None for all.
        after: the last `seq` that the page knows.
        missed: returns the last `seq` past `after` that concerns the page, `after` when there is none.
        key: the owner of the stream: a session or a token.
        viewer: the viewer; None receives everything.

    Raises:
        StreamsFull: when no further stream fits; the page retries later.
    """
    follows = () if number is None else (number,)
    return _opened(lambda moment: StreamNews(number, after, missed(after), moment), follows, key, viewer, NO_PAGES)


def pages_response(
    topics: Collection[str],
    after: int,
    missed: Callable[[int], Mapping[str, int]],
    key: str = "",
    viewer: Viewer | None = None,
    pages: Pages = NO_PAGES,
) -> flask.Response:
    """Open a stream that the pages of one browser share.

    Args:
        topics: numbers of incidents, and `ANY`.
        after: the last `seq` that all pages know.
        missed: returns the last `seq` of each topic past `after`, `after` when there is none.
        key: the owner of the stream: a session or a token.
        viewer: the viewer; None receives everything.
        pages: the incidents of which the viewer has a page open: their numbers by their ids.

    Raises:
        StreamsFull: when no further stream fits; the pages retry later.
    """
    return _opened(lambda moment: PagesNews(topics, after, missed(after), moment), topics, key, viewer, pages)


def _opened(
    begin: Callable[[float], StreamNews], follows: Collection[str], key: str, viewer: Viewer | None, pages: Pages
) -> flask.Response:
    hub: Broker = flask.current_app.extensions[EXTENSION]
    db.session.rollback()  # the code below has a connection of its own: none is held while it waits for that
    follower = hub.follow(hub.capacity(has_threads=flask.request.is_multithread), key, viewer, pages)
    if follower is None:
        raise StreamsFull(retry_after=RETRY_AFTER)
    follower.follows = frozenset(follows)
    try:
        with (
            flask.current_app.app_context()
        ):  # this request reads as of its beginning, the poller as of now: between them
            telling = begin(time.monotonic())  # an entry may have been written, which nobody would report
    except BaseException:
        follower.leave()
        raise
    events = _events(hub, follower, telling, dict(flask.request.environ))
    opened = flask.Response(events, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    opened.call_on_close(lambda: None if follower.is_handed_over else follower.leave())
    return opened


def _events(hub: Broker, follower: Subscriber, telling: StreamNews, environ: Mapping[str, Any]) -> Iterator[bytes]:
    yield telling.opening()
    if said := telling.missed():
        yield said
    if hub.is_detaching:
        follower.is_handed_over = True
        is_chunked = environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
        raise Detached(partial(hub.take_over, follower, telling, is_chunked))
    while not telling.is_over(time.monotonic()) and hub.is_alive():
        seq, numbers = follower.next_event(WAIT)
        if follower.is_ended:
            return
        said = telling.news(seq, numbers, time.monotonic()) or telling.beat(time.monotonic(), is_looking=hub.is_looking)
        if said:
            yield said
        if has_gone(environ):
            return
