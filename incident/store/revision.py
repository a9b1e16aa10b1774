"""Which migration the database stands at, and which is the newest: known without loading the migration tool."""

import re
from pathlib import Path

from sqlalchemy import inspect, text

from incident.store.database import db

_NAMED = re.compile(r'^(revision|down_revision)\b[^=]*=\s*(?:"([^"]*)"|None)', re.MULTILINE)


def current() -> str | None:
    """Return the migration that the database stands at, None for one without tables."""
    connection = db.session.connection()
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def newest(folder: Path) -> str | None:
    """Return the one migration in a folder that no other follows.

    Args:
        folder: where `versions/` lies.
    """
    known: set[str] = set()
    followed: set[str] = set()
    for path in (folder / "versions").glob("*.py"):
        names = {match[1]: match[2] for match in _NAMED.finditer(path.read_text())}
        known.add(names["revision"])
        followed.add(names.get("down_revision") or "")
    heads = known - followed
    return heads.pop() if len(heads) == 1 else None
