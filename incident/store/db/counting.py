"""Counts for pages, with an upper limit."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select

from incident.store.db.database import db

MAX_COUNT = 99
"""Upper limit of a count on a page, so that it costs the same on a large instance."""


def count_some(*queries: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None = None) -> int:
    """Count the rows of some queries together, each up to `MAX_COUNT`, with one statement.

    Args:
        queries: what is counted.
        values: those of the queries' parameters.
    """
    counts = [select(func.count()).select_from(one.limit(MAX_COUNT).subquery()).scalar_subquery() for one in queries]
    return db.session.scalar(select(sum(counts[1:], counts[0])), values) or 0 if counts else 0
