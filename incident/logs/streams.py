"""An output stream on a descriptor that never raises: lost lines are dropped, counted, and reported later."""

import contextlib
import io
import os
import select
from typing import Any, TextIO

CHUNK = 4096
"""Bytes written at once: no more than a pipe that says it is writable takes without waiting (PIPE_BUF on Linux)."""

PATIENCE = 1.0
"""Wait (s) for a blocked reader; further lines do not wait at all, until it reads again."""


class _Raw(io.BufferedIOBase):
    """The descriptor behind a stream."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._has_lost = False
        self._dropped = 0
        self._is_behind = False

    def writable(self) -> bool:
        """It can be written to, as far as it says."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether somebody sits at a terminal."""
        with contextlib.suppress(OSError):
            return os.isatty(self._descriptor)
        return False

    def write(self, given: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Write all of it, or drop it; says in both cases that it is written."""
        data = bytes(given)
        if self._has_lost and self._has_written(f"\n({self._dropped} lines could not be written here)\n".encode()):
            self._has_lost, self._dropped = False, 0
        if self._has_lost or not self._has_written(data):
            self._has_lost = True
            self._dropped += data.count(b"\n")
        return len(data)

    def _has_written(self, data: bytes) -> bool:
        while data:
            try:
                if not self._has_room():
                    return False
                data = data[os.write(self._descriptor, data[:CHUNK]) :]
            except OSError:
                return False
        return True

    def _has_room(self) -> bool:
        """Whether it can be written to without waiting for a reader that has stopped to read."""
        ready = select.poll()
        ready.register(self._descriptor, select.POLLOUT)
        self._is_behind = not ready.poll(0 if self._is_behind else PATIENCE * 1000)
        return not self._is_behind


def guarded(stream: "TextIO | None") -> TextIO:
    """Return a stream that writes where another one does, at once and without ever raising.

    Args:
        stream: on a descriptor; None or one without (closed, or held by a test) is given back as it is.
    """
    if stream is None:
        return _text(os.open(os.devnull, os.O_WRONLY), "utf-8")
    if isinstance(getattr(stream, "buffer", None), _Raw):
        return stream
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return stream
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
    return _text(descriptor, stream.encoding or "utf-8")


def _text(descriptor: int, encoding: str) -> TextIO:
    raw: Any = _Raw(descriptor)  # typed by a protocol that asks for more than what is written to needs
    return io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", write_through=True)
