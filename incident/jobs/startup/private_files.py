"""Private files: the umask protects them from other users, and a start is refused when it has not."""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from incident.config import SettingFault, Settings, SettingsError

_GROUP_AND_OTHERS: Final = 0o077
_OTHERS: Final = 0o007
_SHOWN: Final = 5
_NOT_OURS: Final = frozenset({"calendars"})
"""Folders of the home for public content that people add."""


def require_private(settings: Settings) -> None:
    """Refuse to start when other users can read private files.

    Raises:
        SettingsError: with each fault and the command that repairs it.
    """
    if faults := exposed(settings):
        raise SettingsError(faults)


def exposed(settings: Settings) -> list[SettingFault]:
    """Return which of the program's own files others can read, each with the command that repairs it."""
    return [*_home(settings.home), *_database(settings), *_keys(settings)]


def _home(home: Path) -> Iterator[SettingFault]:
    if (mode := _mode(home)) & _GROUP_AND_OTHERS:
        yield _fault("INCIDENT_HOME", home, mode, f"chmod -R go= {home}")
        return
    found = list(islice(_open_files(home), _SHOWN + 1))
    if found:
        names = ", ".join(f"{path} ({mode:o})" for path, mode in found[:_SHOWN])
        more = " and more" if len(found) > _SHOWN else ""
        yield SettingFault("INCIDENT_HOME", f"others may read {names}{more}", f"chmod -R go= {home}")


def _open_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Files and folders below the home that are not private; targets of links are checked elsewhere."""
    try:
        entries = sorted(os.scandir(folder), key=lambda one: one.name)
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink() or entry.name in _NOT_OURS:
            continue
        if (mode := _mode(path)) & _GROUP_AND_OTHERS:
            yield path, mode
        elif entry.is_dir(follow_symlinks=False):
            yield from _open_files(path)


def _database(settings: Settings) -> Iterator[SettingFault]:
    """A SQLite file outside of the home, with its companion files."""
    name = make_url(settings.database_url).database if settings.is_sqlite else None
    if not name or Path(name).resolve().is_relative_to(settings.home.resolve()):
        return
    for path in (Path(name + end) for end in ("", "-wal", "-shm", "-journal")):
        if (mode := _mode(path)) & _GROUP_AND_OTHERS:
            yield _fault("INCIDENT_DATABASE_URL", path, mode, f"chmod 600 {path}")


def _keys(settings: Settings) -> Iterator[SettingFault]:
    """Files of keys that settings name: several nodes mount such a file, so a group may read it."""
    named = {"INCIDENT_KEYS_FILE": settings.keys_file, "INCIDENT_CERTIFICATE_KEY_FILE": settings.certificate_key_file}
    named["INCIDENT_EVIDENCE_KEY_FILE"] = settings.evidence.key_file
    named["INCIDENT_DOCUMENT_KEY_FILE"] = settings.document_key_file
    named["INCIDENT_REPORT_KEY_FILE"] = settings.report_key_file
    named["INCIDENT_IDENTITY_KEY_FILE"] = settings.custody.key_file
    for name, path in named.items():
        if path is not None and (mode := _mode(path)) & _OTHERS:
            yield _fault(name, path, mode, f"chmod 600 {path}, or mount it with the mode 0400")


def _fault(setting: str, path: Path, mode: int, hint: str) -> SettingFault:
    return SettingFault(setting, f"others may read {path} ({mode:o})", hint)


def _mode(path: Path) -> int:
    """The permissions of a file; none of a missing one."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
