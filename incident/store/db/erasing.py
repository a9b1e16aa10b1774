"""Removes what was overwritten or deleted from the files of the database, where a reader of the disk finds it."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import OperationalError

from incident.store.db import connecting
from incident.store.db.database import db
from incident.store.db.write_lock import lock_of

READERS_LIMIT = 1_000
"""Milliseconds for which SQLite waits for readers: writers wait behind it."""

LOCK_LIMIT = "5s"
"""How long PostgreSQL waits for a table: everybody else waits behind it."""


def overwrite_freed() -> None:
    """Let SQLite overwrite what the caller's transaction frees; the connection keeps doing so."""
    if db.engine.dialect.name == "sqlite":
        db.session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


def merge_words(index: str) -> None:
    """Rewrite a full text of SQLite without the words of rows that were filed again, in the caller's transaction."""
    if db.engine.dialect.name == "sqlite":
        db.session.connection().exec_driver_sql(f"INSERT INTO {index}({index}) VALUES('optimize')")  # our own name


def clear_free_space(engine: Engine, tables: Sequence[str]) -> bool:
    """Clear the free space of tables; return whether it was possible. No transaction may be open.

    SQLite writes the whole file again, as pages keep copies of rows that were moved, and empties its write-ahead log:
    that fails while somebody reads. PostgreSQL writes the tables and their indexes again, which needs the role that
    owns them.

    Args:
        engine: of the database.
        tables: their names.
    """
    if engine.dialect.name == "sqlite":
        return _rewrite_file(engine)
    return _rewrite_tables(engine, tables)


def _rewrite_file(engine: Engine) -> bool:
    lock = lock_of(engine)
    is_held = lock is not None and lock.acquire()
    connection = engine.raw_connection()
    connection.detach()  # it is closed afterwards, as it has other settings
    try:
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={READERS_LIMIT}", "temp_store=FILE"):  # its copy is as large as the database
            cursor.execute(f"PRAGMA {pragma}")
        if not _empty_log(cursor):
            return False
        cursor.execute("VACUUM")
        return _empty_log(cursor)
    finally:
        connection.close()
        if lock is not None and is_held:
            lock.release()


def _empty_log(cursor: DBAPICursor) -> bool:
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    [(is_busy, _frames, _moved)] = cursor.fetchall()
    return not is_busy


def _rewrite_tables(engine: Engine, tables: Sequence[str]) -> bool:
    url = connecting.owner_address(engine)
    direct = create_engine(engine.url if url is None else make_url(url), poolclass=NullPool, hide_parameters=True)
    with direct.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _owns(connection, tables):  # it would only warn, and do nothing
            return False
        connection.execute(text(f"SET lock_timeout = '{LOCK_LIMIT}'"))
        try:
            for table in tables:
                connection.execute(text(f"VACUUM (FULL) {table}"))
        except OperationalError:  # somebody has used a table for longer than the limit
            return False
    return True


def _owns(connection: Connection, tables: Sequence[str]) -> bool:
    owned = text(
        "SELECT count(*) FROM pg_class WHERE oid = ANY(CAST(CAST(:names AS text[]) AS regclass[])) "
        "AND pg_has_role(relowner, 'USAGE')"
    )
    count: int = connection.execute(owned, {"names": list(tables)}).scalar_one()
    return count == len(tables)
