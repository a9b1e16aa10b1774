"""Faults of the home or of the database that prevent the start, in the words of `incident check`."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final

from incident.config import SettingFault, Settings
from incident.store.db.outage import Outage, driver_words, outage_of

_DATABASE: Final = "INCIDENT_DATABASE_URL"

_SAID: Final[dict[Outage, tuple[str, str]]] = {
    "away": ("the database does not answer", "Is it running, and are name, user and password right?"),
    "full": ("no room is left on the disk of the database", "Make room there, then start again."),
    "read_only": (
        "the database takes no changes",
        "Give this user the right to write to it and its folder; a standby must be promoted first.",
    ),
    "damaged": (
        "the database is damaged",
        "Stop everything that uses it, keep a copy as it is, and restore a backup: see docs/operations.md.",
    ),
}


def fault_of(error: BaseException) -> SettingFault:
    """Return the meaning of an exception of the start or of a check, and its remedy.

    Args:
        error: of the database, its driver, or the file system.
    """
    outage = outage_of(error)
    if isinstance(error, OSError):
        what = f"{error.filename or 'a file'}: {error.strerror or error}"
        return SettingFault("INCIDENT_HOME", what, _SAID[outage][1] if outage else "Look at the folder and its rights.")
    what, hint = _SAID[outage or "away"]
    return SettingFault(_DATABASE, f"{what}: {driver_words(error)}", hint)


def damaged(said: str) -> SettingFault:
    """Return the fault of a database in which a check has found damage."""
    what, hint = _SAID["damaged"]
    return SettingFault(_DATABASE, f"{what}: {said}", hint)


def unknown_schema(name: str, newest: str | None, settings: Settings) -> SettingFault:
    """Return the fault of a database whose migration this version does not know.

    Args:
        name: the present migration of the database; one that sorts before all known ones was never released.
        newest: the newest migration that this version knows.
        settings: the settings with the database.
    """
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    is_newer = newest is None or name > newest
    writer = "a newer version has written" if is_newer else "a version from before the first release has written"
    what = (
        f"the {kind} database is at schema {name}, which {writer}; "
        f"this is version {_version()}, which knows schemas up to {newest}"
    )
    hint = (
        "Start that newer version again, or restore a backup that this one has made."
        if is_newer
        else "It cannot be migrated. Keep it with the version that wrote it, and start this one with an empty database."
    )
    return SettingFault(_DATABASE, what, hint)


def _version() -> str:
    try:
        return version("incident")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"
