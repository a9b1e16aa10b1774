"""Counts for pages, with an upper limit."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from incident.store.db.database import db

MAX_COUNT = 99
"""Upper limit of a count on a page, so that it costs the same on a large instance."""


def count_some(*queries: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None = None) -> int:
    """Count the rows of some queries together, each up to `MAX_COUNT`, with one statement.

    Args:
        queries: what is counted.
        values: those of the queries' parameters.
    """
    return count_groups({"all": queries}, values)["all"]


def count_groups(
    groups: Mapping[str, Sequence[Select[*tuple[Any, ...]]]], values: Mapping[str, Any] | None = None
) -> Mapping[str, int]:
    """Count the rows of groups of queries, each query up to `MAX_COUNT`, with one statement.

    Args:
        groups: the queries whose counts are added up, by the name of the group.
        values: those of the queries' parameters.
    """
    statement = statement_of_groups(groups)
    found = {} if statement is None else count_statement(statement, values)
    return {name: found.get(name) or 0 for name in groups}


def statement_of_groups(groups: Mapping[str, Sequence[Select[*tuple[Any, ...]]]]) -> Select[*tuple[Any, ...]] | None:
    """Return the statement of `count_groups`, to be kept where it is asked often; None when nothing is counted."""
    sums = []
    for name, queries in groups.items():
        counts = [_counted(one, MAX_COUNT) for one in queries]
        if counts:
            sums.append(sum(counts[1:], counts[0]).label(name))
    return select(*sums) if sums else None


def count_statement(
    statement: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None = None
) -> Mapping[str, int | None]:
    """Execute a statement of `statement_of_groups`; return the sums by group, without those that count nothing."""
    return dict(db.session.execute(statement, values).one()._mapping)


def count_each(queries: Mapping[str, tuple[Select[*tuple[Any, ...]], int]]) -> Mapping[str, int]:
    """Count the rows of each of some queries with one statement.

    Args:
        queries: each query with the upper limit of its count, by a name.
    """
    counts = [_counted(query, limit).label(name) for name, (query, limit) in queries.items()]
    return dict(db.session.execute(select(*counts)).one()._mapping) if counts else {}


def _counted(query: Select[*tuple[Any, ...]], limit: int) -> ScalarSelect[int]:
    return select(func.count()).select_from(query.limit(limit).subquery()).scalar_subquery()
