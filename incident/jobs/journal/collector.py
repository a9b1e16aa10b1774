"""A syslog connection to a log collector: UDP (RFC 5426), TCP with octet counting (RFC 6587), TLS (RFC 5425)."""

import fcntl
import socket
import ssl
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from incident.core.journal.log_export import counted
from incident.outgoing.sockets import look_up, open_socket
from incident.proof_settings import ExportSettings

CONNECT_LIMIT: Final = 5.0
SEND_LIMIT: Final = 20.0
"""Time (s) in which the other end must accept and acknowledge the data."""

_LOOK_EVERY: Final = 0.01
_SIOCOUTQ: Final = 0x5411
"""Queries Linux for the number of bytes of a connection that the other end has not acknowledged."""


class Collector:
    """One connection; after a fault the caller closes it and opens another.

    Args:
        settings: the collector's address and protocol.
    """

    def __init__(self, settings: ExportSettings) -> None:
        self._settings = settings
        self._socket: socket.socket | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._socket is not None

    def open(self) -> None:
        """Connect; raises OSError (also ssl.SSLError), Unreachable or TookTooLong."""
        given = self._settings
        if given.transport == "udp":
            address = next(iter(look_up(given.host, given.port)))
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            opened: socket.socket = socket.socket(family, socket.SOCK_DGRAM)
            opened.connect((address, given.port))
        else:
            opened = open_socket(given.host, given.port, CONNECT_LIMIT)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if given.transport == "tls":
            try:
                opened.settimeout(CONNECT_LIMIT)
                opened = self._context().wrap_socket(opened, server_hostname=given.host)
            except OSError:
                opened.close()
                raise
        self._socket = opened

    def _context(self) -> ssl.SSLContext:
        given = self._settings
        context = ssl.create_default_context(cafile=None if given.ca_file is None else str(given.ca_file))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if given.certificate_file is not None:
            context.load_cert_chain(given.certificate_file)
        return context

    def send(self, messages: Sequence[bytes]) -> None:
        """Send messages, and return when the other end has acknowledged all bytes; UDP has no acknowledgement.

        Raises:
            OSError: when that did not happen in time, or the connection is closed.
        """
        opened = self._opened()
        if self._settings.transport == "udp":
            for one in messages:
                opened.send(one)
            return
        opened.settimeout(SEND_LIMIT)
        opened.sendall(b"".join(map(counted, messages)))
        self._await_acknowledgement(opened)

    def look(self) -> None:
        """Check whether the other end has closed; raises ConnectionError then."""
        opened = self._opened()
        if self._settings.transport == "udp":
            return
        opened.settimeout(0)
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            if not opened.recv(4096):  # a collector sends nothing, so this is the end
                raise ConnectionError("the collector has closed the connection")

    def _await_acknowledgement(self, opened: socket.socket) -> None:
        until = time.monotonic() + SEND_LIMIT
        while self._unacknowledged(opened):
            self.look()  # a connection that was reset never discards its unsent data
            if time.monotonic() > until:
                raise TimeoutError("the collector takes nothing")
            time.sleep(_LOOK_EVERY)
        self.look()

    @staticmethod
    def _unacknowledged(opened: socket.socket) -> int:
        if sys.platform != "linux":
            return 0
        answer = fcntl.ioctl(opened.fileno(), _SIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("there is no connection")
        return self._socket

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
        self._socket = None
