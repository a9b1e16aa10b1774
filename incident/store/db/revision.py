"""Revision of the database and the newest migration, determined without loading the migration tool."""

import fcntl
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from incident.store.db.database import db

_NAMED = re.compile(r'^(revision|down_revision)\b[^=]*=\s*(?:"([^"]*)"|None)', re.MULTILINE)


def current() -> str | None:
    """Return the revision of the database, None for one without tables."""
    return revision_of(db.session.connection())


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a connection's database, None for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def newest(folder: Path) -> str | None:
    """Return the one migration in a folder that no other follows.

    Args:
        folder: the parent of `versions/`.
    """
    known = _known(folder)
    heads = set(known) - {followed for followed in known.values() if followed is not None}
    return heads.pop() if len(heads) == 1 else None


def is_known(name: str, folder: Path) -> bool:
    """Whether a folder contains a migration; that of a newer version is missing."""
    return name in _known(folder)


def _known(folder: Path) -> Mapping[str, str | None]:
    """Return the migrations of a folder, and the predecessor of each."""
    found = {}
    for path in (folder / "versions").glob("*.py"):
        names = {match[1]: match[2] for match in _NAMED.finditer(path.read_text())}
        found[names["revision"]] = names.get("down_revision")
    return found


@contextmanager
def exclusive_migration(lock: Path) -> Iterator[None]:
    """Allow one process at a time to migrate: several may start at once.

    Args:
        lock: the lock file of the embedded database; PostgreSQL has a lock of its own.
    """
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(hashtext('incident.migrate'))"))
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(hashtext('incident.migrate'))"))
        return
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def quick_check(connection: Connection, limit: float) -> str | None:
    """Check a SQLite file for damage; return the first damage, None when there is none or time is up.

    Args:
        connection: to the file.
        limit: the time limit in seconds.
    """
    until = time.monotonic() + limit
    driver: Any = connection.connection.dbapi_connection
    driver.set_progress_handler(lambda: time.monotonic() > until, 100_000)
    try:
        found = str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
    except OperationalError as error:
        if "interrupted" not in str(error.orig):
            raise
        return None
    finally:
        driver.set_progress_handler(None, 0)
    return None if found == "ok" else found.replace("\n", " ")
