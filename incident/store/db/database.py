"""Defines `db`: the declarative base, the type of moments, and how SQLite is opened."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    ClauseElement,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from incident.database_limits import POOL_SIZE, DatabaseLimits
from incident.store.db import connecting, write_lock
from incident.store.db.bulk_insert import InsertStatement, insert_statement
from incident.store.db.prepared import execute_sql, prepared

WRITE = "incident_write"
"""Execution option of a connection whose transaction will write: SQLite begins it IMMEDIATE."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[dt.datetime]):
    """A moment in UTC, aware in both directions; SQLite stores no zone, so it is added."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse a moment without zone, pass UTC to the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Return an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """The base of all tables."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            int: BigInteger().with_variant(Integer(), "sqlite"),  # SQLite generates keys for INTEGER only
            dt.datetime: Moment,
            dict[str, Any]: JSON,
            list[Any]: JSON,
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})


T = TypeVar("T", bound=Base)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def to_json(value: object) -> str:
    """Serialize JSON compactly, with Chinese unescaped."""
    return _ENCODER.encode(value)


MAPPED: Final = f"mmap_size={1 << 30}"
"""Bytes of the file that are read through memory.

Each commit of another process empties the page cache of a connection.
"""


def engine_options(url: str, pool_size: int = POOL_SIZE) -> dict[str, Any]:
    """Return the SQLAlchemy options for this database.

    Args:
        url: its address.
        pool_size: connections that a process may have to PostgreSQL, where the total is limited.
    """
    options: dict[str, Any] = {"json_serializer": to_json, "hide_parameters": True}  # logs must not contain secrets
    if not url.startswith("sqlite"):
        return options | {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10}
    try:
        import pysqlite3 as driver
    except ImportError:  # no wheel for this platform: Python's own module
        import sqlite3 as driver
    return options | {"module": driver, "pool_size": 40, "max_overflow": 20, "connect_args": {"timeout": 15}}


def configure_engine(
    engine: Engine, limits: DatabaseLimits, direct_url: str | None = None, owner_url: str | None = None
) -> None:
    """Configure an engine's connect and begin events; measured reasons are in docs/adr/0002-sqlite.md.

    Args:
        engine: the engine, which has not connected yet.
        limits: the time limits of PostgreSQL.
        direct_url: its address past the pooler that the engine connects to; None where there is no pooler.
        owner_url: its address with the role that owns the tables; None where the engine's role does.
    """
    if engine.dialect.name != "sqlite":
        connecting.install_limits(engine, limits, direct_url, owner_url)
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions automatically
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", MAPPED):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    queue = write_lock.install_release(engine)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_write = connection.get_execution_options().get(WRITE, False)
        if is_write:
            write_lock.acquire(queue, connection)
        execute_sql(connection, "BEGIN IMMEDIATE" if is_write else "BEGIN", ()).close()


_COUNT_GROWN_TABLES: Final = 0x10000 | 0x10 | 0x02
"""All tables and not only those of this connection; few rows of each; count (sqlite.org/pragma.html#pragma_optimize)"""


def server_time(engine: Engine) -> dt.datetime | None:
    """Return the present time of a PostgreSQL server (UTC), None when it does not answer."""
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            found: dt.datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    except SQLAlchemyError:
        return None
    return found.astimezone(dt.UTC)


def upsert(model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that supports conflict clauses, in the database's dialect."""
    return postgresql.insert(model) if db.engine.dialect.name == "postgresql" else sqlite.insert(model)


def advisory_lock(word: str, *, is_shared: bool = False) -> None:
    """Lock a word until the transaction ends, waiting for its present holder; SQLite has one writer anyway.

    Args:
        word: what is locked.
        is_shared: whether others may hold it at the same time who share it as well.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock_shared if is_shared else func.pg_advisory_xact_lock
        db.session.execute(select(lock(func.hashtextextended(word, 0))))


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, for statements on rows without objects."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is no plain table")
    return table


def insert_rows(connection: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of a model that are not needed as objects.

    Args:
        connection: the session's own, in its transaction.
        model: the table.
        rows: values by column; all of them or none contain the key.
    """
    if rows:
        _inserting(connection, model, rows[0]).many(connection, rows)


def insert_row(row: T, connection: Connection) -> T:
    """Insert a row at once, attach it to the session, and return it; eight times as fast as `flush`.

    The session does not know that the row is new: after a rollback it must be expunged (`UnitOfWork.add` does that).

    Args:
        row: the row.
        connection: the session's own, in its transaction.
    """
    known = vars(row)  # set directly: the last but one line marks all of it as the database's state
    made = _inserting(connection, type(row), known)
    known.update(made.one(connection, made.of_columns(known)))
    make_transient_to_detached(row)
    db.session.add(row)
    return row


def load_one(model: type[T], statement: ClauseElement, connection: Connection, **values: Any) -> T | None:
    """Return the object of a prepared statement's first row, ten times as fast as the session's `scalar`.

    Args:
        model: its class; its attributes are named as its columns.
        statement: a SELECT of all its columns, with a `bindparam` for each value.
        connection: the session's own, in its transaction.
        values: the values by name.
    """
    db.session.flush()  # changes must be visible, as to a query of the session
    made_once = prepared(statement, connection.dialect)
    rows = made_once.rows(connection, values)
    if not rows:
        return None
    read = dict(zip(made_once.names, rows[0], strict=True))
    known = from_identity_map(model, *(read[str(column.key)] for column in model.__mapper__.primary_key))
    if known is not None:
        return known
    made: T = model.__mapper__.class_manager.new_instance()
    vars(made).update(read)
    make_transient_to_detached(made)
    db.session.add(made)
    return made


def from_identity_map(model: type[T], *key: Any) -> T | None:
    """Return the session's own object of a key, None when it has none; without a query."""
    found: T | None = db.session.identity_map.get(model.__mapper__.identity_key_from_primary_key(key))
    return found


def _inserting(connection: Connection, model: type[Base], row: Mapping[str, Any]) -> InsertStatement:
    return insert_statement(table_of(model), connection.dialect, _counted_of(model) in row)


@lru_cache(maxsize=256)
def _counted_of(model: type[Base]) -> str:
    """Return the name of the generated key; of a table without one, a name that no column has."""
    counted = table_of(model).autoincrement_column
    return "" if counted is None else counted.name


def begin_snapshot() -> None:
    """Begin a reading transaction that sees one state of the database throughout."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def count_for_plans() -> None:
    """Let SQLite analyse tables that have grown tenfold since the last time: it chooses indexes by these counts.

    It reads some rows of each index, and holds the write lock for a fraction of a second. PostgreSQL needs no call.
    """
    if db.engine.dialect.name == "sqlite":
        db.session.connection().exec_driver_sql(f"PRAGMA optimize = {_COUNT_GROWN_TABLES}")
