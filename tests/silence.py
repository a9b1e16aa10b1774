"""A PostgreSQL that dies silently: frozen, or behind a relay that accepts data and forwards nothing."""

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator

import psutil

from tests import postgres


@contextlib.contextmanager
def frozen(server: postgres.Server) -> Iterator[None]:
    """Stop every process of a server during the block: its machine still accepts connections and packets."""
    stopped = [psutil.Process(server.pid)]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    try:
        # The parent is stopped first, so that none of its children is missed.
        for child in stopped[0].children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.send_signal(signal.SIGSTOP)
                stopped.append(child)
        yield
    finally:
        for process in reversed(stopped):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


class Proxy:
    """Relays data until it is switched to discard the data of the connections open at that time."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._swallowed: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database: str) -> str:
        """The address of a database behind it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def swallow(self) -> int:
        """Pass nothing on any more on the connections that are open; return how many these are. New ones work."""
        with self._lock:
            held = [pair for pair in self._pairs if pair[0] not in self._swallowed]
            for pair in held:
                self._swallowed.update(pair)
            return len(held)

    def close(self) -> None:
        """End."""
        self._listening.close()
        for one in (one for pair in self._pairs for one in pair):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._to)
            with self._lock:
                self._pairs.append((client, server))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 16):
                if source not in self._swallowed:
                    target.sendall(chunk)
        if source not in self._swallowed:
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def passing(port: int) -> Iterator[Proxy]:
    """A proxy in front of a port of this machine."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
