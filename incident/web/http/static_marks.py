"""Marks of static files: a part of the hash of their content, which their addresses carry."""

import hashlib
from functools import cache
from pathlib import Path

from werkzeug.security import safe_join

STATIC = Path(__file__).parent.parent / "static"


@cache
def content_mark(name: str) -> str | None:
    """Return the mark of a static file's content, None when there is no such file."""
    found = safe_join(str(STATIC), name)
    if found is None or not Path(found).is_file():
        return None
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]
