"""Counts for pages, with an upper limit."""

from typing import Any

from sqlalchemy import Select, func, select

from incident.store.db.database import db

MAX_COUNT = 99
"""Upper limit of a count on a page, so that it costs the same on a large instance."""


def count_some(query: Select[*tuple[Any, ...]]) -> int:
    """Count the rows of a query, up to `MAX_COUNT`."""
    few = query.limit(MAX_COUNT).subquery()
    return db.session.scalar(select(func.count()).select_from(few)) or 0
