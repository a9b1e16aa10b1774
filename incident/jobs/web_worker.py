"""A worker of gunicorn that nobody holds up: probes have threads of their own, and no client keeps its loop waiting."""

import selectors
import socket
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.workers.gthread import _DEFER, ThreadWorker

PROBES = tuple(f"{method} {path}".encode() for method in ("GET", "HEAD") for path in ("/readyz", "/healthz"))
LOOKED_AT = max(map(len, PROBES))
PROBE_THREADS = 8

LINGER = 2.0
"""Seconds that a client has to close its side of a connection that is done with."""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Hands probes to threads of their own while the others are all taken, such as by a database that is silent.

    What is done with lingers (RFC 9112 section 9.6) beside the loop that accepts: gunicorn's own waits there for each
    client in turn, two seconds for one that does not hang up, and accepts nobody meanwhile.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._in_hand = 0
        self._probes = ThreadPoolExecutor(PROBE_THREADS)
        self._lingering: deque[Any] = deque()

    def enqueue_req(self, conn: Any) -> None:
        """Have a request answered; one that must wait for a thread is looked at first."""
        begun = _beginning(conn) if self._in_hand >= self.cfg.threads else b""
        if begun is None:
            # Nothing has come yet: it is looked at when something has, and takes no place in the row until then.
            self.finish_request(conn, _Ended(_DEFER))
            return
        is_probe = begun.startswith(PROBES)
        self._in_hand += not is_probe
        task = (self._probes if is_probe else self.tpool).submit(self.handle, conn)
        task.add_done_callback(lambda done: self.method_queue.defer(self._finish, is_probe, conn, done))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what there is to do, and let go of clients that do not hang up."""
        super().wait_for_and_dispatch_events(timeout)
        while self._lingering and self._lingering[0].timeout <= time.monotonic():
            self._let_go(self._lingering.popleft())

    def _finish(self, is_probe: bool, conn: Any, done: Any) -> None:
        self._in_hand -= not is_probe
        is_kept = not done.cancelled() and done.exception() is None and done.result()
        if is_kept:
            self.finish_request(conn, done)
        else:
            self._linger(conn)

    def _linger(self, conn: Any) -> None:
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError):  # it is closed
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + LINGER
        self._lingering.append(conn)

    def _drain(self, conn: Any, client: socket.socket) -> None:
        """Read what a client still sends, which else would reset the connection before it has read its answer."""
        try:
            has_hung_up = not client.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            has_hung_up = True
        if has_hung_up:
            self._lingering.remove(conn)
            self._let_go(conn)

    def _let_go(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


class _Ended:
    """What a task has come to that was not begun."""

    def __init__(self, result: object) -> None:
        self._result = result

    def cancelled(self) -> bool:
        return False

    def result(self) -> object:
        return self._result


def _beginning(conn: Any) -> bytes | None:
    """The first bytes of a request that waits on a connection, empty when they were read already; None without any."""
    if conn.initialized and conn.parser.unreader.buf.getvalue():
        return b""
    try:
        return bytes(conn.sock.recv(LOOKED_AT, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return b"" if conn.initialized or conn.data_ready else None
    except OSError:
        return b""
