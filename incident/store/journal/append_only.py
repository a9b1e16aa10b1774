"""Keeps the journal, and the record of its anchors, append-only in the database itself.

Triggers refuse changes that the program never makes, by mistake or by an injected statement. The owner of the tables
can remove them: on PostgreSQL let the program run as another role (`store/journal/grants.py`). A migration that must
rewrite entries does so inside `lifted`; one that recreates one of these tables restores the triggers with `protect`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Table, event, text

from incident.store.db.database import table_of
from incident.store.incidents.numbers import Counter
from incident.store.journal.anchors import Anchored
from incident.store.journal.journal import Entry

TABLES: Final = {"journal": "seq", "anchors": "id"}
"""The append-only tables, and the key of each."""

_BODY: Final = """
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END """

_FUNCTION: Final = (
    f"CREATE OR REPLACE FUNCTION incident_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"
)

_POSTGRESQL: Final = (
    (
        "CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION incident_refuse_change()"
    ),
    (
        "CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION incident_refuse_change()"
    ),
)

_SQLITE: Final = (
    (
        "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
        " BEGIN SELECT RAISE(ABORT, '{table} is append-only: UPDATE is refused'); END"
    ),
    (
        "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
        " BEGIN SELECT RAISE(ABORT, '{table} is append-only: DELETE is refused'); END"
    ),
    # INSERT OR REPLACE deletes rows without firing the trigger above.
    (
        "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
        " WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
        " BEGIN SELECT RAISE(ABORT, '{table} is append-only: REPLACE is refused'); END"
    ),
)

_TRIGGERS: Final = {
    "postgresql": ("{table}_rows_stay", "{table}_stays"),
    "sqlite": ("{table}_no_update", "{table}_no_delete", "{table}_no_replace"),
}

_KINDS: Final = {"{table}_rows_stay": 1 | 2 | 8 | 16, "{table}_stays": 2 | 32}
"""Bits of a PostgreSQL trigger (`pg_trigger.tgtype`): each row 1, before 2, DELETE 8, UPDATE 16, TRUNCATE 32."""

_FOUND_IN_POSTGRESQL: Final = """
SELECT tgname, tgtype, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgrelid = to_regclass(:table) AND tgenabled IN ('O', 'A') AND tgqual IS NULL AND cardinality(tgattr::int2[]) = 0
"""

_FOUND_IN_SQLITE: Final = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"

_SEQUENCES: Final = """
CREATE OR REPLACE FUNCTION incident_number_sequence(name text, first bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    IF name !~ '^numbers_[a-z]+_[0-9]+$' THEN
        RAISE EXCEPTION 'no sequence of numbers: %', name;
    END IF;
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS {schema}.%I START WITH %s', name, first);
END $$
"""


def protect(connection: Connection, table: str) -> None:
    """Make the database refuse changes and deletions of a table's rows.

    Args:
        connection: of a role that owns the table.
        table: one of `TABLES`.
    """
    name = connection.dialect.name
    if name == "postgresql":
        connection.execute(text(_FUNCTION))
    for statement in _POSTGRESQL if name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement.format(table=table, key=TABLES[table]))


def release(connection: Connection, table: str) -> None:
    """Remove the triggers of a table."""
    name = connection.dialect.name
    place = f" ON {table}" if name == "postgresql" else ""
    for trigger in _TRIGGERS[name]:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger.format(table=table)}{place}")


@contextmanager
def lifted(connection: Connection, table: str) -> Iterator[None]:
    """Let a migration change rows of a table in the block, in the same transaction."""
    release(connection, table)
    yield
    protect(connection, table)


def is_protected(connection: Connection, table: str) -> bool:
    """Whether the triggers of a table exist and are unchanged.

    One of the same name may have been replaced by one that refuses nothing.
    """
    if connection.dialect.name == "postgresql":
        rows = connection.execute(text(_FOUND_IN_POSTGRESQL), {"table": table})
        found = {(name, kind, _plain(body)) for name, kind, body in rows}
        return found >= {(name.format(table=table), kind, _plain(_BODY)) for name, kind in _KINDS.items()}
    written = {_plain(one) for one in connection.execute(text(_FOUND_IN_SQLITE), {"table": table}).scalars()}
    return written >= {_plain(one.format(table=table, key=TABLES[table])) for one in _SQLITE}


def _plain(statement: str) -> str:
    """Return a statement on one line, without the quotes that SQLite adds to names when a table is renamed."""
    return " ".join(statement.replace('"', "").split())


def let_sequences_be_made(connection: Connection) -> None:
    """Create the function that gives the running role a sequence for the numbers of a new year (PostgreSQL).

    It runs with the rights of the owner, so that the role needs none to create objects.
    """
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    connection.execute(text(_SEQUENCES.format(schema=schema)))
    connection.exec_driver_sql("REVOKE ALL ON FUNCTION incident_number_sequence(text, bigint) FROM PUBLIC")


@event.listens_for(table_of(Entry), "after_create")
@event.listens_for(table_of(Anchored), "after_create")
def _protect_new(target: Table, connection: Connection, **_more: Any) -> None:
    """Give tables created from the models the same triggers as those of the migrations."""
    protect(connection, target.name)


@event.listens_for(table_of(Counter), "after_create")
def _make_function(_target: Table, connection: Connection, **_more: Any) -> None:
    if connection.dialect.name == "postgresql":
        let_sequences_be_made(connection)
