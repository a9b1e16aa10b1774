"""gunicorn's thread worker with complete reads before a thread is assigned: slow clients hold memory only.

Probes have threads of their own while all others are in use, such as by a database that does not answer.

One loop accepts connections and reads heads and bodies of all of them as they arrive. Each has its deadline; when
space is short, the request that has been arriving longest is closed. A thread only receives complete requests.
"""

import contextlib
import errno
import json
import selectors
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from socket import SHUT_WR, socket
from typing import Any, Final

import structlog
from gunicorn.workers.gthread import ThreadWorker

from incident.client_addresses import address_block, is_in
from incident.detached import Detached
from incident.jobs.serving.connection import Connection
from incident.jobs.serving.web_limits import WebTerms

PROBES: Final = ("/readyz", "/healthz")
PROBE_THREADS: Final = 8

RECEIVED: Final = 1 << 16
MAX_LINGERING: Final = 256
MAX_DRAINED: Final = 64 << 20

DETAILS: Final = {
    HTTPStatus.REQUEST_TIMEOUT: "The request took too long to arrive; send it again.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too much is arriving at once; send the request again in a moment.",
}

log = structlog.get_logger()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Reads on one loop, answers in threads; `terms` are those of the node, set by its creator."""

    terms = WebTerms()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._heads: dict[Connection, None] = {}
        self._bodies: dict[Connection, None] = {}
        self._lingering: dict[Connection, None] = {}
        self._held = 0
        self._in_threads = 0
        self._probes = ThreadPoolExecutor(PROBE_THREADS)
        self._busy_since: float | None = None
        self._refused = 0

    # ------------------------------------------------------------------------------------------------- connections
    def accept(self, listener: socket) -> None:
        """Accept a connection, unless its address has reached the limit."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._drop_lingering()
                self._let_go_of_oldest()
            elif error.errno not in (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED):
                raise
            return
        address = client[0] if isinstance(client, tuple) else ""
        key = self._counted(address)
        if key is not None and not self.terms.connections.add(key, self.terms.limits.per_address):
            self._refused += 1
            sock.close()
            return
        connection = Connection(self, sock, client, listener.getsockname(), key)
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._let_go_of_oldest()
        self._begin(connection, time.monotonic() + self.terms.limits.head_for)

    def _counted(self, address: str) -> str | None:
        """Return the key under which a client's connections are counted, None when they are not."""
        if not address or is_in(address, self.terms.unlimited):
            return None
        return address_block(address)

    def _let_go_of_oldest(self) -> None:
        """Free space: clients that send slowly are closed, the oldest first; those that wait for a response are not."""
        waiting = self._heads or self._bodies
        if waiting:
            self._answer(next(iter(waiting)), HTTPStatus.SERVICE_UNAVAILABLE)
        elif self.keepalived_conns:
            self.keepalived_conns[0].timeout = 0.0
            self.murder_keepalived()

    # ----------------------------------------------------------------------------------------------------- reading
    def enqueue_req(self, conn: Connection) -> None:
        """Read the next request of a connection (gunicorn calls this when a kept connection can be read)."""
        conn.sock.setblocking(False)
        conn.parser.begin()
        self._begin(conn, time.monotonic() + self.terms.limits.head_for)

    def _begin(self, conn: Connection, until: float) -> None:
        conn.until = until
        self._heads[conn] = None
        self._hold(conn)
        if conn.parser.is_whole:
            self._hand_over(conn)
        else:
            self._read(conn, conn.sock)

    def _read(self, conn: Connection, _sock: socket) -> None:
        """Read received data; never waits."""
        try:
            data = conn.sock.recv(RECEIVED)
        except (BlockingIOError, InterruptedError):
            return self._watch(conn)
        except OSError:
            data = b""
        if not data:
            return self._drop(conn)
        conn.parser.feed(data)
        self._hold(conn)
        if conn.parser.is_whole:
            return self._hand_over(conn)
        if conn.parser.is_too_large:
            return self._answer(conn, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if conn.parser.has_head and conn in self._heads:
            del self._heads[conn]
            self._bodies[conn] = None
            conn.until = time.monotonic() + self.terms.limits.body_for
        if conn.parser.wants_continue():
            self._send(conn, b"HTTP/1.1 100 Continue\r\n\r\n")
        self._watch(conn)
        while self._held > self.terms.limits.max_held and (self._bodies or self._heads):
            self._answer(next(iter(self._bodies or self._heads)), HTTPStatus.SERVICE_UNAVAILABLE)
        return None

    def _watch(self, conn: Connection) -> None:
        if not conn.is_registered:
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))
            conn.is_registered = True

    def _unwatch(self, conn: Connection) -> None:
        for waiting in (self._heads, self._bodies, self._lingering):
            waiting.pop(conn, None)
        if conn.is_registered:
            with contextlib.suppress(OSError, KeyError, ValueError):
                self.poller.unregister(conn.sock)
            conn.is_registered = False

    def _hold(self, conn: Connection, size: int | None = None) -> None:
        now = conn.parser.held if size is None else size
        self._held += now - conn.held
        conn.held = now

    # --------------------------------------------------------------------------------------------------- answering
    def _hand_over(self, conn: Connection) -> None:
        """Assign a complete request to a thread; while all are in use, probes have threads of their own."""
        self._unwatch(conn)
        conn.is_probe = self._in_threads >= self.cfg.threads and conn.parser.path in PROBES
        self._in_threads += not conn.is_probe
        task = (self._probes if conn.is_probe else self.tpool).submit(self.handle, conn)
        task.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """Continue with a connection whose request was answered."""
        self._in_threads -= not conn.is_probe
        self._hold(conn, 0)
        raised = None if fs.cancelled() else fs.exception()
        if isinstance(raised, Detached):
            conn.sock.setblocking(False)
            raised.begin(conn.sock, lambda: self.method_queue.defer(self._end, conn))
            return
        super().finish_request(conn, fs)

    def _end(self, conn: Connection) -> None:
        """Close the connection of a response that continued without a thread."""
        self.nr_conns -= 1
        conn.close(graceful=True)

    def _answer(self, conn: Connection, status: HTTPStatus) -> None:
        """Refuse a request that is still arriving, without a thread."""
        if not (conn.parser.has_head or conn.parser.held):
            return self._drop(conn)
        document = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": DETAILS[status]}
        document |= {"code": f"http.{status.value}"}
        body = json.dumps(document).encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\n"
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            head += "Retry-After: 5\r\n"
        self._send(conn, f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        self._drop(conn, graceful=True)
        return None

    def _send(self, conn: Connection, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the client has gone, or reads nothing: ignore it
            conn.sock.send(data)

    def _drop(self, conn: Connection, *, graceful: bool = False) -> None:
        is_counted = conn not in self._lingering
        self._unwatch(conn)
        self._hold(conn, 0)
        if is_counted:
            self.nr_conns -= 1
        conn.close(graceful=graceful)

    # --------------------------------------------------------------------------------------------------- lingering
    def linger(self, conn: Connection) -> bool:
        """Read from a client for a while after its response, so that closing does not discard the response.

        Returns False when the client has disconnected. gunicorn would wait for it on its loop, for up to two seconds.
        """
        with contextlib.suppress(OSError):
            conn.sock.setblocking(False)
            conn.sock.shutdown(SHUT_WR)
            self._hold(conn, 0)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
            conn.is_registered = True
            conn.last_at = time.monotonic()
            conn.until = conn.last_at + self.terms.limits.linger_for
            self._lingering[conn] = None
            if len(self._lingering) > MAX_LINGERING:
                self._drop(next(iter(self._lingering)))
            return conn in self._lingering
        return False

    def _drop_lingering(self) -> None:
        for conn in list(self._lingering):
            self._drop(conn)

    def _drain(self, conn: Connection, _sock: socket) -> None:
        try:
            size = len(conn.sock.recv(RECEIVED))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        conn.drained += size
        conn.last_at = time.monotonic()
        if size == 0 or conn.drained > MAX_DRAINED:
            self._drop(conn)
        else:  # the client heard last is at the end
            self._lingering[conn] = self._lingering.pop(conn)

    # -------------------------------------------------------------------------------------------------------- time
    def murder_pending(self) -> None:
        """Close clients that exceeded their time (gunicorn calls this about once a second)."""
        now = time.monotonic()
        for waiting in (self._heads, self._bodies):
            while waiting and next(iter(waiting)).until <= now:
                self._answer(next(iter(waiting)), HTTPStatus.REQUEST_TIMEOUT)
        for conn in list(self._lingering):
            if conn.until <= now or conn.last_at + self.terms.limits.quiet_for <= now:
                self._drop(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close unused kept-alive connections; when the worker ends, all waiting ones."""
        super().murder_keepalived(force)
        if force:
            self._drop_lingering()
            for conn in [*self._heads, *self._bodies]:
                self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """Give connections that have sent nothing yet until `deadline` when the worker stops.

        Their request may be on its way: closed at once, a client that had just connected would be refused.
        """
        super()._cap_keepalive(deadline)
        for conn in self._heads:
            if not conn.parser.held:
                conn.until = min(conn.until, deadline)
        self._heads = dict.fromkeys(sorted(self._heads, key=lambda conn: conn.until))

    def notify(self) -> None:
        """Report that the loop is alive, and since when all threads have been busy."""
        super().notify()
        now = time.monotonic()
        is_busy = self._in_threads >= self.cfg.threads
        self._busy_since = (self._busy_since or now) if is_busy else None
        self.terms.on_busy(self._busy_since)
        if self._refused:
            log.warning("connections were refused: an address has too many", count=self._refused)
            self._refused = 0
