"""A log collector on loopback (syslog by TCP with octet counting, TLS or UDP) that can stop and restart."""

import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

MESSAGE = re.compile(
    rb"<(?P<priority>\d{1,3})>1 (?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (?P<host>[!-~]{1,255})"
    rb" (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128})"
    rb" (?P<kind>[!-~]{1,32}) \[meta sequenceId=\"(?P<number>\d+)\"\] @cee:(?P<json>\{.*\})",
)
"""RFC 5424: header, one structured element, the text."""


class Collector:
    """Receives messages; `messages` has the raw ones, `documents` the JSON in them."""

    def __init__(self, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._tls = tls
        self.messages: list[bytes] = []
        self.is_reading = threading.Event()
        self.is_reading.set()
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [parsed(one) for one in list(self.messages)]

    @property
    def seqs(self) -> list[int]:
        return [one["seq"] for one in self.documents]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._connections.append(connection)
        with contextlib.suppress(OSError, ValueError):
            opened = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            self._connections.append(opened)
            with opened.makefile("rb", buffering=0) as stream:
                while True:
                    self.is_reading.wait()
                    count = b""
                    while (byte := stream.read(1)) not in (b" ", b"", None):
                        count += byte
                    if not count:
                        return
                    frame = b""
                    while len(frame) < int(count):
                        frame += stream.read(int(count) - len(frame)) or b""
                    self.messages.append(frame)

    def die(self) -> None:
        """Close everything at once, with unread data; frees the port."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.is_reading.set()


def parsed(message: bytes) -> dict[str, Any]:
    """The JSON of a message, which must be after RFC 5424."""
    match = MESSAGE.fullmatch(message)
    assert match, message
    document: dict[str, Any] = json.loads(match["json"])
    return document


@contextlib.contextmanager
def running(tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Collector]:
    """A collector for the length of the block."""
    made = Collector(tls, port)
    try:
        yield made
    finally:
        made.die()
