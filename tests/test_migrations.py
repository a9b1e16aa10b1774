"""Migrations on both databases: up, equal to the models, down, atomic, one process at a time."""

import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import Migrate, downgrade, upgrade
from sqlalchemy import Column, Connection, inspect, text

from incident import store
from incident.app import create_core, migrate
from incident.config import Settings, shipped
from incident.store.db import revision
from incident.store.db.database import db
from incident.store.incidents import numbers
from incident.store.queries import search_tables
from tests.world import World, settings_for

pytestmark = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index", "ignore:autogenerate skipping metadata-specified"
)
FOLDER = str(shipped("migrations"))

for _found in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):  # a model counts when its file has been read
    import_module(_found.name)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a home whose database is empty."""
    home = tmp_path / "home"
    home.mkdir()
    is_sqlite = request.param == "sqlite"
    return settings_for(home, f"sqlite:///{home}/incident.db" if is_sqlite else request.getfixturevalue("postgres_url"))


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An application on an empty database, in whose context the test runs."""
    made = create_core(settings)
    Migrate(made, db, directory=FOLDER)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    """The tables of the database without those that the full text keeps for itself."""
    found = inspect(db.engine).get_table_names()
    return {name for name in found if not search_tables.is_search_table(name) and name != "alembic_version"}


ON_EXPRESSIONS = {
    str(index.name)
    for table in db.metadata.sorted_tables
    for index in table.indexes
    if not all(isinstance(expression, Column) for expression in index.expressions)
}
"""Indexes that neither SQLAlchemy nor Alembic can compare; a separate test covers them."""


def definitions() -> dict[str, str]:
    """How the database itself writes the indexes on expressions."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    written = "SELECT name, sql FROM sqlite_master" if is_sqlite else "SELECT indexname, indexdef FROM pg_indexes"
    with db.engine.connect() as connection:
        found = {name: sql for name, sql in connection.execute(text(written)) if name in ON_EXPRESSIONS}
    return {name: " ".join(sql.split()) for name, sql in found.items()}


def differences(connection: Connection) -> list:
    def is_ours(_object: object, name: str | None, kind: str, _is_reflected: bool, _compared: object) -> bool:
        if kind == "index" and name in ON_EXPRESSIONS:
            return False
        return not (kind == "table" and name is not None and search_tables.is_search_table(name))

    options = {"compare_type": True, "compare_server_default": True, "include_object": is_ours}
    return compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)


def test_up_leaves_no_difference_to_the_models_and_down_leaves_nothing(app: Flask) -> None:
    upgrade()
    assert tables() == set(db.metadata.tables)
    with db.engine.connect() as connection:
        assert differences(connection) == []
    if db.engine.name == "postgresql":
        assert [numbers.next_count("INC-2026"), numbers.next_count("INC-2026")] == [1, 2]
        db.session.commit()
        db.session.remove()
    downgrade(revision="base")
    assert tables() == set()
    if db.engine.name == "postgresql":
        assert not [name for name in inspect(db.engine).get_sequence_names() if name.startswith("numbers_")]
    upgrade()
    assert tables() == set(db.metadata.tables)


def test_indexes_on_expressions_are_the_same_by_models_and_by_migrations(app: Flask) -> None:
    upgrade()
    migrated = definitions()
    assert set(migrated) == ON_EXPRESSIONS
    indexes = [index for table in db.metadata.sorted_tables for index in table.indexes if index.name in ON_EXPRESSIONS]
    with db.engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
            index.create(connection)
    assert definitions() == migrated


def test_the_constraints_and_indexes_of_the_models_are_made_by_the_migrations(app: Flask) -> None:
    upgrade()
    seen = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        made = {index["name"] for index in seen.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= made | ON_EXPRESSIONS, table.name
        checks = {check["name"] for check in seen.get_check_constraints(table.name)}
        wanted = {one.name for one in table.constraints if type(one).__name__ == "CheckConstraint"}
        assert wanted <= checks, table.name
        keys = {tuple(key["constrained_columns"]) for key in seen.get_foreign_keys(table.name)}
        assert {tuple(key.column_keys) for key in table.foreign_key_constraints} == keys, table.name


def test_a_database_knows_where_it_stands_and_a_second_start_migrates_nothing(app: Flask) -> None:
    def stands_at() -> str | None:
        db.session.remove()  # later reads load from the database
        return revision.current()

    assert stands_at() is None
    for _ in range(2):
        db.session.remove()
        migrate(app)
        assert stands_at() == revision.newest(Path(FOLDER))


def test_a_migration_that_breaks_off_leaves_nothing_behind_and_can_be_made_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(_connection: Connection) -> None:
        raise InterruptedError("the power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(search_tables, "create", break_off)
        with pytest.raises(InterruptedError):
            upgrade()
    db.session.remove()
    assert tables() == set()
    upgrade()
    assert tables() == set(db.metadata.tables)


START = """
import sys
from incident.app import create_core, migrate
from incident.config import read
migrate(create_core(read()))
"""


@pytest.mark.slow
def test_processes_that_start_at_the_same_moment_migrate_once(settings: Settings) -> None:
    environ = os.environ | {"INCIDENT_HOME": str(settings.home), "INCIDENT_DATABASE_URL": settings.database_url}
    started = [
        subprocess.Popen([sys.executable, "-c", START], env=environ, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    faults = [one.communicate(timeout=60)[1] for one in started]
    assert [one.returncode for one in started] == [0, 0, 0], faults


def test_migrated_tables_refuse_what_the_models_refuse(world: World) -> None:
    from sqlalchemy.exc import IntegrityError

    from incident.actions.unit_of_work import transaction
    from incident.store.playbooks.timers import Timer

    def break_rule() -> None:
        with transaction("x", world.now):
            incident = world_incident
            db.session.add(Timer(kind="delay", due_at=world.now, incident_id=incident))

    world_incident = world.open().id
    with pytest.raises(IntegrityError):
        break_rule()
    with pytest.raises(IntegrityError):
        world.open(grade=9)
    with pytest.raises(IntegrityError):
        world.open(tlp="purple")
