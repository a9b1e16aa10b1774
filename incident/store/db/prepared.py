"""Statements that are made once and carried out by the driver itself.

For each execution SQLAlchemy makes parameters and result anew: 20 µs for an INSERT, 65 µs for a SELECT, where the
database takes 3 to 5. A transaction that opens an incident carries out twenty, while every other writer waits for its
turn. Who listens to statements (a test that counts them) sees these too: they take SQLAlchemy's way then.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler


class Cursor(Protocol):
    """What a statement has come to: a cursor of the driver, or a result of SQLAlchemy that does the same."""

    @property
    def lastrowid(self) -> int:
        """The key that SQLite has counted up."""

    def fetchall(self) -> Sequence[Any]:
        """Return the rows, as the driver gives them."""

    def close(self) -> None:
        """Let go of it."""


def execute_sql(connection: Connection, statement: str, parameters: Any) -> Cursor:
    """Carry out a statement in the driver's words; with a list of parameters, once for each.

    Raises:
        DBAPIError: the kind that SQLAlchemy raises for the driver's fault.
    """
    if connection.dispatch.before_cursor_execute:
        return connection.exec_driver_sql(statement, parameters)
    cursor = connection.connection.cursor()
    try:
        if isinstance(parameters, list):
            cursor.executemany(statement, parameters)
        else:
            cursor.execute(statement, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        cursor.close()
        raise _told(connection, statement, parameters, error) from error
    return cursor


def _told(connection: Connection, statement: str, parameters: Any, error: Any) -> BaseException:
    """The fault as SQLAlchemy tells it; a connection that is gone is not used again."""
    dialect = connection.dialect
    is_gone = bool(dialect.is_disconnect(error, connection.connection, None))
    if is_gone:
        connection.invalidate(error)
    kind = dialect.loaded_dbapi.Error
    told: BaseException = DBAPIError.instance(
        statement, parameters, error, kind, connection_invalidated=is_gone, dialect=dialect
    )
    return told


class PreparedStatement:
    """A statement in one database's words.

    Args:
        statement: a SELECT, an UPDATE or a text, with a `bindparam` for each value that changes; none is expanding.
        dialect: that of the engine.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{statement} is no statement on rows")
        self._sql = compiled.string
        self._given = dict(compiled.params)
        self._writes = {
            name: write
            for name, bind in compiled.binds.items()
            if (write := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        self._order = compiled.positiontup if compiled.positional else None
        columns = list(getattr(statement, "selected_columns", ()))
        self.names = tuple(column.key for column in columns)
        reads = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._reads = reads if any(reads) else None

    def carry_out(self, connection: Connection, values: Mapping[str, Any]) -> Cursor:
        """Carry it out; raises KeyError for a value that the statement does not name."""
        return execute_sql(connection, self._sql, self._parameters(values))

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Return its rows, each a tuple of values of Python."""
        carried = self.carry_out(connection, values)
        try:
            found = carried.fetchall()
        finally:
            carried.close()
        if self._reads is None or not found:
            return found
        reads = self._reads
        return [
            tuple(value if read is None else read(value) for read, value in zip(reads, row, strict=True))
            for row in found
        ]

    def _parameters(self, values: Mapping[str, Any]) -> Any:
        written = self._given.copy()
        for name, value in values.items():
            if name not in written:
                raise KeyError(name)
            written[name] = value
        for name, write in self._writes.items():
            written[name] = write(written[name])
        return written if self._order is None else tuple([written[name] for name in self._order])


@lru_cache(maxsize=512)
def prepared(statement: ClauseElement, dialect: Dialect) -> PreparedStatement:
    """Return a statement in a database's words, made once; the statement is to be one that is kept."""
    return PreparedStatement(statement, dialect)


def fetch_all(connection: Connection, statement: ClauseElement, **values: Any) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a kept statement.

    Args:
        connection: the session's own, in its transaction.
        statement: what is asked, with a `bindparam` for each value.
        values: the values by name.
    """
    return prepared(statement, connection.dialect).rows(connection, values)


def fetch_one(connection: Connection, statement: ClauseElement, **values: Any) -> tuple[Any, ...] | None:
    """Return the first row of a kept statement, None when there is none."""
    found = fetch_all(connection, statement, **values)
    return found[0] if found else None


def execute(connection: Connection, statement: ClauseElement, **values: Any) -> None:
    """Carry out a kept statement that gives no rows."""
    prepared(statement, connection.dialect).carry_out(connection, values).close()
