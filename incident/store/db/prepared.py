"""Statements that are compiled once and executed by the driver itself.

For each execution SQLAlchemy builds parameters and result: 20 µs for an INSERT, 65 µs for a SELECT, where the database
needs 3 to 5. A transaction that opens an incident executes twenty statements, while every other writer waits for the
lock (decision 12; `make bench ARGS=--pieces`: a SELECT of one row in memory takes 4 µs, by SQLAlchemy 22). Listeners on
statements (a test that counts them) see these too: they are then executed by SQLAlchemy.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, cast

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect, Engine, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

PREPARED = "incident_prepared_statements"
"""Execution option of an engine: False has SQLAlchemy execute each statement in its own way.

That is for a version of SQLAlchemy or of a driver that returns other rows by our way.
"""


def use_prepared(engine: Engine, is_used: bool) -> None:
    """Set whether the statements of an engine are executed by the driver itself."""
    engine.update_execution_options(**{PREPARED: is_used})


def is_prepared(connection: Connection) -> bool:
    """Return whether statements on a connection are executed by the driver itself."""
    return bool(connection.get_execution_options().get(PREPARED, True))


class Cursor(Protocol):
    """The result of a statement: a cursor of the driver, or a result of SQLAlchemy with the same methods."""

    @property
    def lastrowid(self) -> int:
        """The key that SQLite has generated."""

    def fetchall(self) -> Sequence[Any]:
        """Return the rows, as the driver returns them."""

    def close(self) -> None:
        """Close the cursor."""


def execute_sql(connection: Connection, statement: str, parameters: Any) -> Cursor:
    """Execute an SQL text of the driver; with a list of parameters, once for each.

    Raises:
        DBAPIError: the kind that SQLAlchemy raises for the driver's error.
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
        raise _sqlalchemy_error(connection, statement, parameters, error) from error
    return cursor


def _sqlalchemy_error(connection: Connection, statement: str, parameters: Any, error: Any) -> BaseException:
    """Return the error in SQLAlchemy's form; a lost connection is not used again."""
    dialect = connection.dialect
    is_gone = bool(dialect.is_disconnect(error, connection.connection, None))
    if is_gone:
        connection.invalidate(error)
    kind = dialect.loaded_dbapi.Error
    wrapped: BaseException = DBAPIError.instance(
        statement, parameters, error, kind, connection_invalidated=is_gone, dialect=dialect
    )
    return wrapped


class PreparedStatement:
    """A statement compiled for one database.

    Args:
        statement: a SELECT, an UPDATE or a text, with a `bindparam` for each value that changes; none is expanding.
        dialect: that of the engine.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{statement} is no statement on rows")
        self._statement = statement
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

    def execute(self, connection: Connection, values: Mapping[str, Any]) -> Cursor:
        """Execute it; raises KeyError for a value that the statement does not name."""
        if not is_prepared(connection):
            return self._execute(connection, values)
        return execute_sql(connection, self._sql, self._parameters(values))

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Execute it in SQLAlchemy's own way."""
        if unknown := values.keys() - self._given.keys():
            raise KeyError(*unknown)
        return connection.execute(cast(Executable, self._statement), values)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Return its rows, each a tuple of Python values."""
        if not is_prepared(connection):
            return [tuple(row) for row in self._execute(connection, values)]
        carried = self.execute(connection, values)
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
    """Return a statement compiled for a database, once; the statement must be a module constant."""
    return PreparedStatement(statement, dialect)


def fetch_all(connection: Connection, statement: ClauseElement, **values: Any) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a prepared statement.

    Args:
        connection: the session's own, in its transaction.
        statement: the query, with a `bindparam` for each value.
        values: the values by name.
    """
    return prepared(statement, connection.dialect).rows(connection, values)


def fetch_one(connection: Connection, statement: ClauseElement, **values: Any) -> tuple[Any, ...] | None:
    """Return the first row of a prepared statement, None when there is none."""
    found = fetch_all(connection, statement, **values)
    return found[0] if found else None


def execute(connection: Connection, statement: ClauseElement, **values: Any) -> None:
    """Execute a prepared statement that returns no rows."""
    prepared(statement, connection.dialect).execute(connection, values).close()
