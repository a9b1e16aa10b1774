"""Inserts of whole rows, with a statement compiled once for each table and engine.

SQLAlchemy builds the parameters of every execution, which costs more than the database does; a transaction that opens
an incident inserts a dozen rows while every other writer waits for the lock. Measured (`make bench ARGS=--pieces`): one
row with its key 6 us, by SQLAlchemy's `insert()` 22 us, by a session 203 us; a dozen rows 49, 91 and 1,013 us.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Dialect, Table, insert
from sqlalchemy.engine import Connection
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from incident.store.db.prepared import execute_sql, is_prepared

Row = Mapping[str, Any]
Write = Callable[[Any], Any] | None
"""Converts a Python value into one of the driver; None where it is the same."""


class InsertStatement:
    """The INSERT of one table for one database.

    Args:
        table: the table; defaults of its columns are plain values.
        dialect: that of the engine.
        has_key: whether rows contain the key that the database would generate.
    """

    def __init__(self, table: Table, dialect: Dialect, has_key: bool) -> None:
        counted = table.autoincrement_column
        self._key = None if has_key or counted is None else counted.key
        columns = [column for column in table.c if column.key != self._key]
        self._writes = {column.key: _write_of(column, dialect) for column in columns}
        self._defaults = {column.key: _default_of(column) for column in columns}
        self._written_defaults = {name: self._write(name, value) for name, value in self._defaults.items()}
        self._insert = statement = insert(table)
        self._is_returning = self._key is not None and dialect.name == "postgresql"
        if self._is_returning and counted is not None:
            statement = statement.returning(counted)
        compiled = statement.compile(dialect=dialect, column_keys=list(self._writes))
        self._sql = compiled.string
        self._is_positional = bool(compiled.positional)
        order = getattr(compiled, "positiontup", None)
        self._names = tuple(order or self._writes)

    def of_columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that belong to columns."""
        writes = self._writes
        return {name: value for name, value in values.items() if name in writes}

    def one(self, connection: Connection, row: Row) -> dict[str, Any]:
        """Insert a row and return it whole, with defaults and key.

        Raises:
            KeyError: for a value without a column.
        """
        whole = self._defaults | dict(row)
        if not is_prepared(connection):
            key = connection.execute(self._insert, self._known(row)).inserted_primary_key
            return whole if self._key is None or key is None else whole | {self._key: key[0]}
        done = execute_sql(connection, self._sql, self._parameters(row))
        if self._key is not None:
            whole[self._key] = done.fetchall()[0][0] if self._is_returning else done.lastrowid
        done.close()
        return whole

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows.

        Raises:
            KeyError: for a value without a column.
        """
        if rows and not is_prepared(connection):
            connection.execute(self._insert, [self._defaults | self._known(row) for row in rows])
        elif rows:
            execute_sql(connection, self._sql, [self._parameters(row) for row in rows]).close()

    def _known(self, row: Row) -> dict[str, Any]:
        if unknown := row.keys() - self._writes.keys():
            raise KeyError(*unknown)
        return dict(row)

    def _parameters(self, row: Row) -> Any:
        written = self._written_defaults.copy()
        for name, value in row.items():
            write = self._writes[name]
            written[name] = value if write is None else write(value)
        return tuple([written[name] for name in self._names]) if self._is_positional else written

    def _write(self, name: str, value: Any) -> Any:
        write = self._writes[name]
        return value if write is None or value is None else write(value)


def _write_of(column: Column[Any], dialect: Dialect) -> Write:
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _default_of(column: Column[Any]) -> Any:
    if column.default is None:
        return None
    if not isinstance(column.default, ScalarElementColumnDefault):
        raise TypeError(f"the default of {column} is no plain value")
    return column.default.arg


@lru_cache(maxsize=256)
def insert_statement(table: Table, dialect: Dialect, has_key: bool) -> InsertStatement:
    """Return the INSERT of a table, compiled once."""
    return InsertStatement(table, dialect, has_key)
