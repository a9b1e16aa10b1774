"""Export of the journal as JSON lines, each entry once and in order, to a file or standard output."""

import json
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from incident.cli.root import make_app

LOOK_EVERY = 1.0
"""Poll interval (s) for new entries."""

BATCH = 500


def export_lines(
    *, follow: bool, after: int | None, output: Path | None, position: Path | None, has_details: bool
) -> None:
    """Write all entries; when following, wait for new ones until a signal.

    Args:
        follow: whether to wait for new entries.
        after: the number of the entry to start after; None to resume where the last run ended.
        output: a file to append to; None for standard output.
        position: the file that stores the position of standard output; None for none.
        has_details: whether to include details that may be exported.
    """
    from incident.actions.journal.exporting import entries_after
    from incident.core.journal.log_export import document_of, json_line

    if output is not None and position is not None:
        click.echo("error: --position is for standard output: --output resumes from the file itself", err=True)
        sys.exit(2)
    app = make_app(demands_keys=False)
    stopping = _stop_at_signals()
    with _opened(output) as (file, last):
        seq = after if after is not None else _read(position) if position is not None else last
        while not stopping.is_set():
            with app.app_context():
                found = entries_after(seq, BATCH)
            if found:
                _write(file, b"".join(json_line(document_of(one, has_details=has_details)) + b"\n" for one in found))
                seq = found[-1].seq
                if position is not None:
                    _keep(position, seq)
            elif not follow:
                return
            else:
                stopping.wait(LOOK_EVERY)


def _write(file: BinaryIO, lines: bytes) -> None:
    """Write and flush lines; the reader of standard output may have closed it."""
    try:
        file.write(lines)
        file.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more is flushed at the end
        sys.exit(1)


@contextmanager
def _opened(output: Path | None) -> Iterator[tuple[BinaryIO, int]]:
    """Return the output file and its last entry; a line that a crash truncated is removed."""
    if output is None:
        yield sys.stdout.buffer, 0
        return
    try:
        handle = os.open(output, os.O_RDWR | os.O_CREAT, 0o600)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            os.fchmod(handle, 0o600)  # of a file that was there before as well
    except OSError as error:
        click.echo(f"error: {output} cannot be written: {error.strerror}", err=True)
        sys.exit(2)
    with os.fdopen(handle, "r+b") as file:
        yield file, _last_of(file, output)
        os.fsync(file.fileno())


def _last_of(file: BinaryIO, path: Path) -> int:
    """Return the entry of the last complete line, and truncate the file after it."""
    end, line = _last_line(file)
    file.truncate(end)
    file.seek(end)
    if not line:
        return 0
    try:
        return int(json.loads(line)["seq"])
    except (ValueError, KeyError, TypeError):
        click.echo(f"error: {path} does not end with a journal entry: use another file", err=True)
        sys.exit(2)


def _last_line(file: BinaryIO, block: int = 1 << 16) -> tuple[int, bytes]:
    """Return the end offset of the last complete line, and the line; read from the end of the file."""
    size = file.seek(0, os.SEEK_END)
    tail, begin = b"", size
    while begin and tail[: tail.rfind(b"\n") + 1].count(b"\n") < 2:
        step = min(block, begin)
        begin -= step
        file.seek(begin)
        tail = file.read(step) + tail
    whole = tail[: tail.rfind(b"\n") + 1]
    return begin + len(whole), whole[whole[:-1].rfind(b"\n") + 1 :].strip()


def _read(path: Path) -> int:
    try:
        return int(path.read_text())
    except FileNotFoundError:
        return 0
    except (OSError, ValueError):
        click.echo(f"error: {path} contains no position", err=True)
        sys.exit(2)


def _keep(path: Path, seq: int) -> None:
    """Write a position atomically, so that a crash leaves the old one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(f"{seq}\n")
    draft.replace(path)


def _stop_at_signals() -> threading.Event:
    stopping = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopping.set())
    return stopping
