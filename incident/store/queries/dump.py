"""Whole tables for backups: the list of tables, reading and writing of rows as JSON values.

The tables are read from the database itself and not from the models, so that every migration can be backed up. Values
have one form for both databases: moments in UTC as text, JSON as the text that was written, bytes in Base64.
"""

import base64
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Delete, Text, cast, column, delete, inspect, select, table, text, types
from sqlalchemy.exc import SQLAlchemyError

from incident.store.db.outage import Outage, outage_of
from incident.store.queries import search_tables

LEFT_OUT: Final = frozenset({"alembic_version", "heartbeats", "list_exports", "list_export_parts"})
"""Tables that are not backed up: the schema is in the manifest, heartbeats are outdated, exports are copies."""

BATCH: Final = 500
"""Number of rows that are read or written together."""

LARGE: Final = frozenset({"document_files", "evidence_parts", "list_export_parts"})
LARGE_BATCH: Final = 2
"""Tables whose rows are megabytes, and the number of their rows that are held in memory together."""

_KINDS: Final = (
    (types.DateTime, "moment"),
    (types.Date, "date"),
    (types.JSON, "json"),
    (types.Boolean, "boolean"),
    (types.LargeBinary, "bytes"),
    (types.Integer, "integer"),
    (types.Float, "float"),
    (types.String, "text"),
)

Row = Sequence[Any]
Convert = Callable[[Any], Any]


class LoadError(Exception):
    """Rows that the database does not accept; the text names the table and the kind of fault.

    `outage` names the outage when the rows are not at fault.
    """

    def __init__(self, text: str, outage: Outage | None) -> None:
        super().__init__(text)
        self.outage = outage


@dataclass(frozen=True)
class TableShape:
    """A table: its name, the kind of each column by its name, and its key columns."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]


def table_shapes(connection: Connection) -> list[TableShape]:
    """Return every table with data, referenced tables first."""
    seen = inspect(connection)
    names = [name for name, _keys in seen.get_sorted_table_and_fkc_names() if name is not None]
    return [
        TableShape(
            name,
            {one["name"]: _kind(name, one["type"]) for one in seen.get_columns(name)},
            tuple(seen.get_pk_constraint(name)["constrained_columns"]),
        )
        for name in names
        if name not in LEFT_OUT and not search_tables.is_search_table(name) and not name.startswith("sqlite_")
    ]


def _kind(name: str, given: types.TypeEngine[Any]) -> str:
    for known, kind in _KINDS:
        if isinstance(given, known):
            return kind
    raise TypeError(f"table {name}: no form is known for a column of type {given!r}")


def _batch_of(shape: TableShape) -> int:
    """Return how many rows of a table are read or written together: few where rows are large."""
    return LARGE_BATCH if shape.name in LARGE else BATCH


def dump_rows(connection: Connection, shape: TableShape) -> Iterator[list[Any]]:
    """Yield the rows of a table as JSON values, in order of its key, read in batches."""
    is_sqlite = connection.dialect.name == "sqlite"
    converts = [_DUMP.get((kind, is_sqlite)) for kind in shape.columns.values()]
    wanted = [
        cast(column(name), Text) if kind == "json" and not is_sqlite else column(name)
        for name, kind in shape.columns.items()
    ]
    query = select(*wanted).select_from(table(shape.name)).order_by(*map(column, shape.key))
    found = connection.execute(query, execution_options={"stream_results": True, "yield_per": _batch_of(shape)})
    for row in found:
        yield _converted(row, converts)


def load_rows(connection: Connection, shape: TableShape, rows: Iterable[Row]) -> None:
    """Write rows from `dump_rows`, of either database, into a table with the same columns.

    Raises:
        LoadError: when the database does not accept them.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    converts = [_LOAD.get((kind, is_sqlite)) for kind in shape.columns.values()]
    converted = (_converted(row, converts) for row in rows)
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, shape.columns))
    write = _insert if is_sqlite else _copy
    try:
        write(connection, f"{quote(shape.name)} ({names})", (len(shape.columns), _batch_of(shape)), converted)
    except (connection.dialect.loaded_dbapi.Error, SQLAlchemyError) as error:
        raise LoadError(f"{shape.name} ({type(error).__name__})", outage_of(error)) from error


def _insert(connection: Connection, place: str, sizes: tuple[int, int], rows: Iterator[Row]) -> None:
    width, batch_size = sizes
    statement = f"INSERT INTO {place} VALUES ({', '.join('?' * width)})"  # noqa: S608  # quoted names
    while batch := [tuple(row) for row in islice(rows, batch_size)]:
        connection.exec_driver_sql(statement, batch)


def _copy(connection: Connection, place: str, _sizes: tuple[int, int], rows: Iterator[Row]) -> None:
    with closing(connection.connection.cursor()) as cursor, cursor.copy(f"COPY {place} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def delete_all(shape: TableShape) -> Delete:
    """Return the statement that empties a table."""
    return delete(table(shape.name))


def _converted(row: Row, converts: Sequence[Convert | None]) -> list[Any]:
    return [
        value if value is None or convert is None else convert(value)
        for value, convert in zip(row, converts, strict=True)
    ]


def _moment(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_DUMP: Final[Mapping[tuple[str, bool], Convert]] = {
    ("moment", True): lambda value: f"{value.replace(' ', 'T')}Z",
    ("moment", False): _moment,
    ("date", False): dt.date.isoformat,
    ("boolean", True): bool,
    ("bytes", True): lambda value: base64.b64encode(value).decode(),
    ("bytes", False): lambda value: base64.b64encode(value).decode(),
}
"""Conversions of driver values, by the kind of the column and whether the database is SQLite."""

_LOAD: Final[Mapping[tuple[str, bool], Convert]] = {
    ("moment", True): lambda value: value.removesuffix("Z").replace("T", " "),
    ("boolean", True): int,
    ("bytes", True): base64.b64decode,
    ("bytes", False): base64.b64decode,
}


def lift_limits(connection: Connection) -> None:
    """Remove the time limits of the present transaction, and let SQLite check references at its end."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        return
    limits = "'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'"
    connection.execute(text(f"SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN ({limits})"))  # noqa: S608


def read_counters(connection: Connection) -> dict[str, int]:
    """Return the last values of PostgreSQL's sequences; SQLite has none."""
    if connection.dialect.name == "sqlite":
        return {}
    query = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() AND last_value > 0"
    return {str(row[0]): int(row[1]) for row in connection.execute(text(query))}


def write_counters(connection: Connection, counters: Mapping[str, int], shapes: Iterable[TableShape]) -> None:
    """Advance PostgreSQL's sequences past all numbers that were used before the backup.

    Args:
        connection: in the transaction that has loaded the rows.
        counters: the result of `read_counters`; empty for a backup of SQLite.
        shapes: the tables, whose largest ids count as well.
    """
    if connection.dialect.name == "sqlite":
        return
    quote = connection.dialect.identifier_preparer.quote
    for name, last in counters.items():
        connection.execute(text(f"CREATE SEQUENCE IF NOT EXISTS {quote(name)}"))
        connection.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": quote(name), "last": last})
    for shape in shapes:
        if len(shape.key) != 1 or shape.columns[shape.key[0]] != "integer":
            continue
        names = {"table": quote(shape.name), "column": shape.key[0]}
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar()
        key = column(shape.key[0], types.BigInteger)
        largest = connection.execute(select(key).select_from(table(shape.name)).order_by(key.desc()).limit(1)).scalar()
        if sequence is not None and largest is not None:
            least = {"name": sequence, "least": max(largest, counters.get(sequence.rpartition(".")[2], 0))}
            connection.execute(text("SELECT setval(CAST(:name AS regclass), :least)"), least)
