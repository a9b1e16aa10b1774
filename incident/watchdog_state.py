"""The last findings of a home's watchdog, in a file: it is readable when the database is gone."""

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

FOLDER = "watchdog"
SEEN, DEATHS, DAMAGE, LOCK, BUSY, REFUSED = "seen.json", "deaths", "damage", "lock", "busy-", "refused-"
NOTED_EVERY = dt.timedelta(seconds=1)
MAX_DEATHS = 200
"""How many lines of deaths are kept."""

NOTED_FOR = dt.timedelta(minutes=1)
"""How long damage that was recorded is not recorded again."""


def save(home: Path, seen: Mapping[str, Any]) -> None:
    """Write the findings of the watchdog atomically: readers find the old or the new ones."""
    fresh = _folder(home) / f"{SEEN}.new"
    fresh.write_text(json.dumps(seen, ensure_ascii=False), "utf-8")
    fresh.replace(_folder(home) / SEEN)


def load(home: Path) -> Mapping[str, Any]:
    """Return the findings of the watchdog; nothing when none has run."""
    try:
        found = json.loads((home / FOLDER / SEEN).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def record_crash(home: Path, role: str, at: dt.datetime) -> None:
    """Record that a process died and is restarted; a full disk must not prevent the restart."""
    with contextlib.suppress(OSError):
        path = _folder(home) / DEATHS
        lines = [*_lines(path)[-MAX_DEATHS:], f"{at.isoformat()} {role}"]
        path.write_text("\n".join(lines) + "\n", "utf-8")


def deaths_since(home: Path, since: dt.datetime) -> Mapping[str, int]:
    """Return how often each process of the home died after a moment."""
    found: Counter[str] = Counter()
    for line in _lines(home / FOLDER / DEATHS):
        moment, _, role = line.partition(" ")
        with contextlib.suppress(ValueError):
            found[role] += dt.datetime.fromisoformat(moment) > since
    return {role: count for role, count in found.items() if count}


def note_busy(home: Path, pid: int, since: dt.datetime) -> None:
    """Record that all threads of a web worker have been busy since a moment (UTC)."""
    with contextlib.suppress(OSError):
        (_folder(home) / f"{BUSY}{pid}").write_text(since.isoformat(), "utf-8")


def forget_busy(home: Path, pid: int) -> None:
    """Record that a thread of a web worker is free again."""
    with contextlib.suppress(OSError):
        (home / FOLDER / f"{BUSY}{pid}").unlink(missing_ok=True)


def busy_since(home: Path) -> dt.datetime | None:
    """Return since when all threads of any live web worker have been busy: the earliest, else None."""
    found = []
    for path in (home / FOLDER).glob(f"{BUSY}*"):
        pid = path.name.removeprefix(BUSY)
        with contextlib.suppress(OSError, ValueError, IndexError):
            if not _lives(int(pid)):
                path.unlink(missing_ok=True)
                continue
            found.append(dt.datetime.fromisoformat(_lines(path)[0]))
    return min(found, default=None)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def note_refused(home: Path, name: str, at: dt.datetime) -> None:
    """Record that alerts of a sender are refused, as it sends too many; once a second at most.

    Args:
        home: of the process.
        name: of the sender's token.
        at: the current moment (UTC).
    """
    path = home / FOLDER / f"{REFUSED}{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    with contextlib.suppress(OSError, ValueError):
        known = _lines(path)
        if known and dt.timedelta(0) <= at - dt.datetime.fromisoformat(known[0]) < NOTED_EVERY:
            return
        (_folder(home) / path.name).write_text(f"{at.isoformat()}\n{name}\n", "utf-8")


def refused_since(home: Path, since: dt.datetime) -> tuple[str, ...]:
    """Return the senders whose alerts were refused after a moment."""
    found = []
    for path in (home / FOLDER).glob(f"{REFUSED}*"):
        with contextlib.suppress(OSError, ValueError):
            moment, name, *_rest = _lines(path)
            if dt.datetime.fromisoformat(moment) > since:
                found.append(name)
            else:
                path.unlink(missing_ok=True)
    return tuple(sorted(found))


def note_damage(home: Path, said: str, at: dt.datetime) -> None:
    """Record that a process has met damage in the database: the watchdog may read other parts of it.

    Args:
        home: of the process.
        said: the database's message, in one line.
        at: the current moment (UTC); a record of the last minute stays.
    """
    if damage_since(home, at - NOTED_FOR) is None:
        with contextlib.suppress(OSError):
            (_folder(home) / DAMAGE).write_text(f"{at.isoformat()} {said}\n", "utf-8")


def damage_since(home: Path, since: dt.datetime) -> str | None:
    """Return what the database said of its damage, when a process has met it after a moment."""
    for line in _lines(home / FOLDER / DAMAGE):
        moment, _, said = line.partition(" ")
        with contextlib.suppress(ValueError):
            if dt.datetime.fromisoformat(moment) > since:
                return said
    return None


def forget_damage(home: Path) -> None:
    """Begin with a database that is sound."""
    with contextlib.suppress(OSError):
        (home / FOLDER / DAMAGE).unlink()


@contextlib.contextmanager
def exclusive_lock(home: Path) -> Iterator[bool]:
    """Hold the watchdog's lock of a home while the block runs; yields whether this process holds it."""
    with (_folder(home) / LOCK).open("a") as file:
        yield _is_taken(file)


def _is_taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _folder(home: Path) -> Path:
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []


def free_space(home: Path) -> int | None:
    """Return how many bytes can still be written in the home; None when it is gone."""
    try:
        found = os.statvfs(home)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize
