"""One connection of a web worker: the received part of its next request, and its closing."""

from socket import socket
from typing import Any, Protocol

from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from incident.jobs.serving.request_reader import RequestReader
from incident.jobs.serving.web_limits import WebTerms


class Lingerer(Protocol):
    """The interface of the worker for a connection."""

    cfg: Config
    terms: WebTerms

    def linger(self, conn: "Connection") -> bool:
        """Read from a client for a while after its response; False when it has disconnected."""


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """One connection; `until` is the deadline of its request, or of its closing after a response."""

    def __init__(self, worker: "Lingerer", sock: socket, client: Any, server: Any, key: str | None) -> None:
        super().__init__(worker.cfg, sock, client, server)
        self.worker = worker
        self.key = key
        self.parser = RequestReader(worker.cfg, client, worker.terms.limits.max_body)
        self.initialized = self.data_ready = True
        self.is_registered = False
        self.is_probe = False
        self.held = 0
        self.until = 0.0
        self.drained = 0
        self.last_at = 0.0

    def init(self) -> None:
        """In the thread that answers: a client that reads slowly is given up soon."""
        self.sock.settimeout(self.worker.terms.limits.send_for)

    def close(self, graceful: bool = False) -> None:
        """Close at once, or after the client has had time to read the response."""
        if graceful and self.worker.linger(self):
            return
        super().close()
        if self.key is not None:
            self.worker.terms.connections.remove(self.key)
            self.key = None
