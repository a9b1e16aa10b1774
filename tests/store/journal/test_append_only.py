"""The database refuses every change of the journal and of the record of its anchors."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incident.actions.journal.verifying import verify_journal
from incident.store.db.database import db
from incident.store.journal import append_only, grants
from incident.store.journal.anchors import Anchored
from incident.store.journal.journal import Entry
from tests.world import World, rows


@pytest.fixture
def written(world: World) -> World:
    """A world with entries, and a record of an anchor."""
    world.department("net")
    world.department("ops")
    db.session.add(Anchored(at=world.now, seq=1, hash="0" * 64, place="mail x", detail="250"))
    db.session.commit()
    return world


CHANGES = (
    "UPDATE journal SET actor = 'nobody' WHERE seq = 1",
    "UPDATE journal SET actor = 'nobody'",
    "DELETE FROM journal WHERE seq = 2",
    "DELETE FROM journal",
    "UPDATE anchors SET hash = 'x'",
    "DELETE FROM anchors",
)
REPLACE = (
    "INSERT OR REPLACE INTO journal (seq, at, actor, type, subject, detail, hash)"
    " VALUES (1, '2026-01-01 00:00:00', 'x', 'x', 'x', '{}', 'x')"
)


@pytest.mark.parametrize("statement", CHANGES)
def test_no_statement_changes_or_deletes_an_entry(written: World, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert (len(rows(Entry)), len(rows(Anchored))) == (2, 1)
    assert verify_journal().is_intact


def test_replacing_an_entry_of_sqlite_is_refused_too(sqlite_world: World) -> None:
    sqlite_world.department("net")
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(REPLACE))


@pytest.mark.parametrize("table", ["journal", "anchors"])
def test_truncating_is_refused_by_postgresql(postgres_world: World, table: str) -> None:
    postgres_world.department("net")
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(f"TRUNCATE {table} CASCADE"))


def test_a_migration_writes_entries_again_in_a_declared_way_and_the_guard_is_back(written: World) -> None:
    connection = db.session.connection()
    with append_only.lifted(connection, "journal"):
        connection.execute(text("UPDATE journal SET actor = 'migration' WHERE seq = 1"))
    db.session.commit()
    assert rows(Entry)[0].actor == "migration"
    assert append_only.is_protected(db.session.connection(), "journal")
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(CHANGES[0]))


REMADE_IN_SQLITE = (
    "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT 1; END",
    (
        "CREATE TRIGGER journal_no_update BEFORE UPDATE OF at ON journal"
        " BEGIN SELECT RAISE(ABORT, 'journal is append-only: UPDATE is refused'); END"
    ),
    (
        "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal WHEN 0"
        " BEGIN SELECT RAISE(ABORT, 'journal is append-only: UPDATE is refused'); END"
    ),
)


@pytest.mark.parametrize("remade", REMADE_IN_SQLITE)
def test_triggers_of_sqlite_that_were_made_anew_to_refuse_nothing_are_seen(sqlite_world: World, remade: str) -> None:
    connection = db.session.connection()
    connection.exec_driver_sql("DROP TRIGGER journal_no_update")
    connection.exec_driver_sql(remade)
    assert not append_only.is_protected(connection, "journal")
    assert append_only.is_protected(connection, "anchors")


REMADE_IN_POSTGRESQL = (
    "ALTER TABLE journal ENABLE REPLICA TRIGGER journal_rows_stay",
    (
        "CREATE OR REPLACE FUNCTION incident_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"
    ),
    (
        "CREATE OR REPLACE TRIGGER journal_rows_stay BEFORE UPDATE OR DELETE ON journal"
        " FOR EACH ROW WHEN (false) EXECUTE FUNCTION incident_refuse_change()"
    ),
    (
        "CREATE OR REPLACE TRIGGER journal_rows_stay BEFORE UPDATE OF at OR DELETE ON journal"
        " FOR EACH ROW EXECUTE FUNCTION incident_refuse_change()"
    ),
    (
        "CREATE OR REPLACE TRIGGER journal_rows_stay BEFORE DELETE ON journal"
        " FOR EACH ROW EXECUTE FUNCTION incident_refuse_change()"
    ),
    (
        "CREATE OR REPLACE TRIGGER journal_stays BEFORE TRUNCATE ON journal"
        " FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
)


@pytest.mark.parametrize("remade", REMADE_IN_POSTGRESQL)
def test_triggers_of_postgresql_that_were_made_anew_to_refuse_nothing_are_seen(
    postgres_world: World, remade: str
) -> None:
    connection = db.session.connection()
    connection.exec_driver_sql(remade)
    assert not append_only.is_protected(connection, "journal")
    db.session.rollback()
    assert append_only.is_protected(db.session.connection(), "journal")


def test_a_right_to_change_one_column_of_the_journal_is_seen(postgres_world: World) -> None:
    connection = db.session.connection()
    connection.exec_driver_sql("CREATE ROLE column_writer")
    connection.exec_driver_sql("GRANT SELECT, INSERT ON journal, anchors TO column_writer")
    assert not grants.may_change_journal(connection, "column_writer")
    connection.exec_driver_sql("GRANT UPDATE (actor) ON journal TO column_writer")
    assert grants.may_change_journal(connection, "column_writer")
    db.session.rollback()


def test_tables_made_from_the_models_are_protected_as_those_of_the_migrations(app: object) -> None:
    with app.app_context():  # type: ignore[attr-defined]
        for table in append_only.TABLES:
            assert append_only.is_protected(db.session.connection(), table), table
