"""A scanner for malware that speaks the protocol of clamd."""

import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from incident.core.incidents.evidence.scan import Scan, scan_of
from incident.outgoing.faults import Unreachable

CHUNK: Final = 1 << 20
"""Bytes of a chunk, whose length precedes it."""

CONNECT_LIMIT: Final = 10.0
ANSWER_LIMIT: Final = 600.0
"""Seconds that clamd may need for one chunk or for its answer; it scans when all has arrived."""

ANSWER_LENGTH: Final = 4096

_LENGTH: Final = struct.Struct("!I")


@dataclass(frozen=True)
class Scanner:
    """Where clamd listens: a socket file, or a host and a port."""

    path: Path | None = None
    host: str = ""
    port: int = 0

    def scan(self, parts: Iterable[bytes]) -> Scan:
        """Send a file and return what the scanner says.

        Args:
            parts: the content, piece by piece.

        Raises:
            Unreachable: when the scanner does not answer, or ends the connection without a word.
        """
        try:
            with self._connected() as line:
                line.settimeout(ANSWER_LIMIT)
                answer = _ask(line, parts)
        except OSError as error:
            raise Unreachable(f"the scanner does not answer: {error.strerror or type(error).__name__}") from error
        if not answer:
            raise Unreachable("the scanner has ended the connection")
        return scan_of(answer.decode("utf-8", "replace"))

    def _connected(self) -> socket.socket:
        if self.path is None:
            return socket.create_connection((self.host, self.port), timeout=CONNECT_LIMIT)
        line = socket.socket(socket.AF_UNIX)
        try:
            line.settimeout(CONNECT_LIMIT)
            line.connect(str(self.path))
        except BaseException:
            line.close()
            raise
        return line


def _ask(line: socket.socket, parts: Iterable[bytes]) -> bytes:
    with suppress(BrokenPipeError, ConnectionResetError):  # at its limit of size clamd answers and hangs up
        line.sendall(b"zINSTREAM\0")
        for part in parts:
            for begin in range(0, len(part), CHUNK):
                chunk = part[begin : begin + CHUNK]
                line.sendall(_LENGTH.pack(len(chunk)) + chunk)
        line.sendall(_LENGTH.pack(0))
    return _read_answer(line)


def _read_answer(line: socket.socket) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < ANSWER_LENGTH:
        received = line.recv(ANSWER_LENGTH)
        if not received:
            break
        answer += received
    return answer.partition(b"\0")[0]
