"""A small disk (tmpfs) for tests that fill it, which needs the right to mount; damaged files."""

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

FILLER = "filler"


class Disk:
    """A mounted disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Write until not one byte more fits."""
        handle = os.open(self.folder / FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = 1 << 16
            while size:
                try:
                    os.write(handle, bytes(size))
                except OSError:
                    size >>= 1
        finally:
            os.close(handle)

    def free(self) -> None:
        """Free the used space."""
        (self.folder / FILLER).unlink()

    def allow(self, what: str) -> None:
        """Mount it again with an option, such as `ro`."""
        _mount("-o", f"remount,{what}", str(self.folder))


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "8m") -> Iterator[Disk]:
    """A disk of a few MiB during the block; skips the test where mounting is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _mount("-t", "tmpfs", "-o", f"size={size},mode=0700,uid={os.geteuid()}", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no right to mount a disk")
    try:
        yield Disk(folder)
    finally:
        subprocess.run([*_as_root(), "umount", "-l", str(folder)], check=True, capture_output=True)


def _mount(*words: str) -> None:
    subprocess.run([*_as_root(), "mount", *words], check=True, capture_output=True)


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def spoil(home: Path) -> None:
    """Overwrite all pages except the first of a closed SQLite database with garbage."""
    path = home / "incident.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
