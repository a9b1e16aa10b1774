"""A scanner of the tests: speaks the protocol of clamd on a real socket, as clamd(8) describes it."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from incident.outgoing.scanner import Scanner

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Takes files and finds the test virus in them; `most` is its limit of size in bytes."""

    def __init__(self, most: int = 1 << 20) -> None:
        self.most = most
        self.files: list[bytes] = []
        self.answers: list[bytes] = []

    def talk(self, line: socket.socket) -> None:
        """Take one file and answer; `answers`, while there are any, instead of its own."""
        with line, line.makefile("rb") as stream, suppress(OSError, struct.error):
            if stream.read(10) != b"zINSTREAM\0":
                line.sendall(b"UNKNOWN COMMAND\0")
                return
            content = b""
            while length := struct.unpack("!I", stream.read(4))[0]:
                content += stream.read(length)
                if len(content) > self.most:
                    line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            self.files.append(content)
            line.sendall(self.answers.pop(0) if self.answers else self._found(content))

    def _found(self, content: bytes) -> bytes:
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@contextmanager
def scanning(clamd: Clamd, path: Path | None = None) -> Iterator[Scanner]:
    """Let it listen on a socket file, or on a port of loopback."""
    listening = socket.socket(socket.AF_INET if path is None else socket.AF_UNIX)
    listening.bind(("127.0.0.1", 0) if path is None else str(path))
    listening.listen()

    def serve() -> None:
        with suppress(OSError, struct.error):
            while True:
                clamd.talk(listening.accept()[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        port = listening.getsockname()[1] if path is None else 0
        yield Scanner(path=path, host="127.0.0.1", port=port)
    finally:
        with suppress(OSError, struct.error):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
