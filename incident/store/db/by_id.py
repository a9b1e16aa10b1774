"""Rows by their ids, each read once in a transaction."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import attributes
from sqlalchemy.orm.util import identity_key

from incident.store.db.database import Base, db

Row = TypeVar("Row", bound=Base)


def rows_by_ids(table: type[Row], ids: Iterable[int]) -> dict[int, Row]:
    """Return rows by id; those that the transaction has read are not read again.

    Args:
        table: the class of the rows, which has the column `id`.
        ids: those wanted; unknown ones are left out.
    """
    found: dict[int, Row] = {}
    missing: list[int] = []
    for one in dict.fromkeys(ids):
        row = db.session.identity_map.get(identity_key(table, one))
        if row is None or attributes.instance_state(row).expired:
            missing.append(one)
        else:
            found[one] = row
    if missing:
        query: Select[Any] = _by_ids(table)
        found |= {row.id: row for row in db.session.scalars(query, {"ids": missing})}
    return found


@cache
def _by_ids(table: Any) -> Select[Any]:
    """Return the query of a table; kept, because making it takes as long as executing it."""
    return select(table).where(table.id.in_(bindparam("ids", expanding=True)))
