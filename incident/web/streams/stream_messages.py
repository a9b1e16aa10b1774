"""Server-sent events of one open page, and the connection of a page whose response holds no thread."""

import select
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from werkzeug.exceptions import ServiceUnavailable

HEARTBEAT = 3.0
"""Interval (s) of keep-alive messages; a page that receives nothing for 8 s reconnects (js/live.js)."""

STREAM_LIMIT = 600.0
"""Lifetime (s) of a stream, so that the viewer's rights are checked again; the browser reconnects automatically."""

ANY = "any"
"""The topic of pages that show a change of any incident."""

PEOPLE = -1
"""In place of a `seq`: other people opened or left the pages of incidents."""

News = SimpleQueue[tuple[int, frozenset[str]]]
"""Changes not yet sent to a page: the last `seq`, and the numbers of the changed incidents."""


class StreamsFull(ServiceUnavailable):
    """No further stream fits; the page polls meanwhile, and says so (js/live.js)."""

    def get_headers(self, *arguments: Any, **named: Any) -> list[tuple[str, str]]:
        """Return the headers, with one from which the page knows the reason."""
        return [*super().get_headers(*arguments, **named), ("Incident-Live", "full")]


class StreamNews:
    """The messages of a page.

    Args:
        number: the incident that it shows; None for all.
        after: the last `seq` that the page knows.
        known: the last `seq` that it should know of.
        now: a moment (monotonic seconds).
    """

    def __init__(self, number: str | None, after: int, known: int, now: float) -> None:
        self._number = number
        self._after = after
        self._known = known
        self._began_at = self._heard_at = now

    def opening(self) -> bytes:
        """Return the beginning of a stream."""
        return b"retry: 2000\n: open\n\n"

    def missed(self) -> bytes:
        """Return the message about changes between the page and its stream, nothing when there are none."""
        return _event(self._known) if self._known > self._after else b""

    def news(self, seq: int, numbers: frozenset[str], now: float) -> bytes:
        """Return the message about changes, nothing when they do not concern this page."""
        if seq <= self._known or not (self._number in numbers if self._number else numbers):
            return b""
        self._known, self._heard_at = seq, now
        return _event(seq)

    def beat(self, now: float, *, is_looking: bool) -> bytes:
        """Return a keep-alive message when it is due and the journal is being polled."""
        if now - self._heard_at < HEARTBEAT or not is_looking:
            return b""
        self._heard_at = now
        return b"event: beat\n\n"

    def is_over(self, now: float) -> bool:
        """Return whether the stream has reached its lifetime."""
        return now - self._began_at >= STREAM_LIMIT


class PagesNews(StreamNews):
    """The messages of a stream that several pages share: each names what has changed.

    Args:
        topics: numbers of incidents, and `ANY` for a change of any incident.
        after: the last `seq` that all pages know.
        missed: the last `seq` of each topic past `after`.
        now: a moment (monotonic seconds).
    """

    def __init__(self, topics: Collection[str], after: int, missed: Mapping[str, int], now: float) -> None:
        super().__init__(None, after, max(missed.values(), default=after), now)
        self._topics = frozenset(topics)
        self._missed = missed

    def missed(self) -> bytes:
        """Return a message for each topic that changed between the pages and their stream."""
        ordered = sorted((seq, topic) for topic, seq in self._missed.items() if seq > self._after)
        return b"".join(_event(seq, topic) for seq, topic in ordered)

    def news(self, seq: int, numbers: frozenset[str], now: float) -> bytes:
        """Return the message about changes of topics, nothing when there are none."""
        if seq == PEOPLE:
            return f"event: people\ndata: people {' '.join(sorted(numbers & self._topics))}\n\n".encode()
        touched = (numbers | {ANY} if numbers else numbers) & self._topics
        if seq <= self._known or not touched:
            return b""
        self._known, self._heard_at = seq, now
        return _event(seq, *sorted(touched))


def _event(seq: int, *topics: str) -> bytes:
    return f"id: {seq}\nevent: news\ndata: {' '.join((str(seq), *topics))}\n\n".encode()


class StreamConnection:
    """The connection of a page.

    Args:
        connection: a non-blocking socket.
        telling: the messages to write.
        is_chunked: whether the response is sent in chunks (RFC 9112 section 7.1).
        ended: called once when nothing more will be written.
    """

    def __init__(
        self, connection: socket.socket, telling: StreamNews, *, is_chunked: bool, ended: Callable[[], None]
    ) -> None:
        self.connection = connection
        self.ended = ended
        self._telling = telling
        self._is_chunked = is_chunked

    def go_on(self, news: News, now: float, *, is_looking: bool) -> bool:
        """Write the pending messages; returns False when the stream is over or the client does not read."""
        said = []
        with suppress(Empty):
            while True:
                said.append(self._telling.news(*news.get_nowait(), now))
        said.append(self._telling.beat(now, is_looking=is_looking))
        if not self._write(b"".join(said)):
            return False
        if self._telling.is_over(now):
            self.finish()
            return False
        return True

    def finish(self) -> None:
        """End the response properly, so that the browser reconnects at once."""
        if self._is_chunked:
            self._send(b"0\r\n\r\n")

    def _write(self, data: bytes) -> bool:
        if not data:
            return True
        return self._send(b"%x\r\n%s\r\n" % (len(data), data) if self._is_chunked else data)

    def _send(self, data: bytes) -> bool:
        """Send all of it; a page that does not read has gone, or otherwise reconnects."""
        try:
            return self.connection.send(data) == len(data)
        except OSError:
            return False


def hung_up(connections: Sequence[socket.socket]) -> set[socket.socket]:
    """Return the connections whose other end is closed; does not wait."""
    by_number, gone, ready = {}, set(), select.poll()
    for one in connections:
        try:
            by_number[one.fileno()] = one
            ready.register(one, select.POLLIN)
        except (OSError, ValueError):
            gone.add(one)
    for number, _event in ready.poll(0):
        one = by_number[number]
        try:
            # A socket with a time limit would wait that long if nothing were there; here something is.
            if len(one.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)) == 0:
                gone.add(one)
        except (BlockingIOError, ValueError):  # nothing to read, or a wrapped socket that cannot peek
            continue
        except OSError:
            gone.add(one)
    return gone


def has_gone(environ: Mapping[str, Any]) -> bool:
    """Return whether the browser has disconnected, which a server that only writes would notice late."""
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return connection is not None and bool(hung_up([connection]))
