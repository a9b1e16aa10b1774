"""Migrated databases of each kind, and a world of actions on them (`tests/world.py`)."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import postgres
from tests.ring import put_ring

# Modules of the program are imported at first use, so that tests without them start at once.
if TYPE_CHECKING:
    from tests.world import World


def _migrate(home: Path, url: str) -> None:
    from incident.app import create_core, migrate
    from incident.store.db.database import db
    from tests.world import settings_for

    put_ring(home)
    app = create_core(settings_for(home, url))
    migrate(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest migration, to be copied."""
    home = tmp_path_factory.mktemp("migrated")
    _migrate(home, f"sqlite:///{home / 'incident.db'}")
    return home / "incident.db"


@pytest.fixture(scope="session")
def postgres_migrated(postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a PostgreSQL database at the newest migration, which one test after the other has to itself."""
    url = postgres_server.create("migrated")
    _migrate(tmp_path_factory.mktemp("migrated"), url)
    return url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The address of a private migrated SQLite database."""
    home = tmp_path / "home"
    put_ring(home)
    shutil.copy(migrated_file, home / "incident.db")
    return f"sqlite:///{home / 'incident.db'}"


@pytest.fixture
def postgres_emptied(postgres_migrated: str) -> Iterator[str]:
    """The address of a migrated PostgreSQL database without rows."""
    yield postgres_migrated
    empty_database(postgres_migrated)


EMPTY = """
DO $$
DECLARE one record;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;  -- whatever refers to whatever: everything goes
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', one.tablename);
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public';
END $$
"""


def empty_database(url: str) -> None:
    """Delete every row and restart the sequences: ten times faster than a new database."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(EMPTY.encode())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a private migrated database, once of each kind."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_emptied"
    url: str = request.getfixturevalue(kind)
    return url


def forget_databases() -> None:
    """Drop what use cases cached of another test's database at the same address."""
    for name, module in list(sys.modules.items()):
        if name.startswith("incident.actions."):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def _world_on(url: str, home: Path) -> "Iterator[World]":
    from incident.app import create_core
    from incident.store.db.database import db
    from tests.world import World, settings_for

    forget_databases()
    settings = settings_for(home, url)
    put_ring(home)
    app = create_core(settings, has_clock=True)
    with app.app_context():
        yield World(app, settings)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> "Iterator[World]":
    """A world on a database of each kind, in whose context the test runs."""
    yield from _world_on(database_url, tmp_path / "home")


@pytest.fixture
def postgres_world(postgres_emptied: str, tmp_path: Path) -> "Iterator[World]":
    """A world on PostgreSQL only, for its special features."""
    yield from _world_on(postgres_emptied, tmp_path / "home")


@pytest.fixture
def sqlite_world(sqlite_url: str, tmp_path: Path) -> "Iterator[World]":
    """A world on SQLite only, for its special features or tests that do not depend on the database."""
    yield from _world_on(sqlite_url, tmp_path / "home")
