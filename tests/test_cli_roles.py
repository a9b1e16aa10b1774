"""Two roles on PostgreSQL: one owns the tables; the program's role may only add to the journal."""

import json
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from click.testing import Result

from incident.app import create_core
from incident.store.db.database import db
from incident.store.db.erasing import clear_free_space
from tests import postgres
from tests.ring import put_ring
from tests.test_cli import Terminal
from tests.world import settings_for

pytestmark = pytest.mark.postgres


@dataclass
class TwoRoles:
    """A database that one role owns, an address for another, and a terminal at a home."""

    terminal: Terminal
    owner: str
    running: str
    running_role: str

    def as_runner(self, *words: str, given: str = "") -> Result:
        """Type a command on a machine that does not know the owner."""
        return self.terminal.type(*words, given=given, INCIDENT_DATABASE_URL=self.running)

    def with_owner(self, *words: str) -> Result:
        """Type a command where both addresses are set."""
        both = {"INCIDENT_DATABASE_URL": self.running, "INCIDENT_MIGRATION_URL": self.owner}
        return self.terminal.type(*words, **both)

    def connect(self, url: str) -> "psycopg.Connection[tuple]":
        """Connect with the role of an address."""
        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.fixture
def roles(postgres_server: postgres.Server, tmp_path: Path) -> Iterator[TwoRoles]:
    """A fresh database with two roles."""
    mark = secrets.token_hex(4)
    owner, running, name = f"owner_{mark}", f"running_{mark}", f"roles_{mark}"
    admin = postgres_server.create(name)
    with psycopg.connect(admin.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in (
            f"CREATE ROLE {owner} LOGIN",
            f"CREATE ROLE {running} LOGIN",
            f"ALTER DATABASE {name} OWNER TO {owner}",
        ):
            connection.execute(statement.encode())
    put_ring(tmp_path / "home")
    yield TwoRoles(
        Terminal(tmp_path / "home"),
        admin.replace("postgres@", f"{owner}@"),
        admin.replace("postgres@", f"{running}@"),
        running,
    )
    postgres_server.drop(name)
    with psycopg.connect(postgres_server.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP ROLE {owner}, {running}".encode())


def refused(connection: "psycopg.Connection[tuple]", statement: str) -> str:
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as output:
        connection.execute(statement.encode())
    return str(output.value)


def test_the_running_role_may_only_add_to_the_journal(roles: TwoRoles) -> None:
    migrated = roles.with_owner("migrate")
    assert migrated.exit_code == 0, migrated.output
    assert f"The role {roles.running_role} may only add to the journal." in migrated.output
    assert roles.as_runner("token", "create", "--name", "x", "--role", "reader").exit_code == 0
    assert roles.as_runner("journal", "verify").exit_code == 0
    with roles.connect(roles.running) as connection:
        for table in ("journal", "anchors"):
            for statement in (f"UPDATE {table} SET hash = ''", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                assert "permission denied" in refused(connection, statement)
        for statement in (
            "ALTER TABLE journal DISABLE TRIGGER ALL",
            "DROP TRIGGER journal_rows_stay ON journal",
            "CREATE TABLE other (id int)",
            "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "UPDATE alembic_version SET version_num = '0000'",
        ):
            refused(connection, statement)
        assert connection.execute("SELECT count(*) FROM journal").fetchone() == (1,)
    with roles.connect(roles.owner) as connection:
        assert "append-only" in refused(connection, "UPDATE journal SET actor = 'x'")


def test_the_running_role_opens_incidents_makes_the_sequence_of_a_year_and_backs_up(roles: TwoRoles) -> None:
    from datetime import UTC, datetime

    from incident.actions.operations import housekeeping
    from incident.app import create_core
    from incident.config import read
    from incident.store.db.database import db
    from tests.world import World

    assert roles.with_owner("migrate").exit_code == 0
    settings = read(roles.terminal.environ | {"INCIDENT_DATABASE_URL": roles.running})
    with (app := create_core(settings)).app_context():
        world = World(app, settings)
        world.now = datetime(2027, 1, 1, 3, tzinfo=UTC)
        world.department("net", [("duty", 1)], waits=[5])
        assert world.open("net").number.startswith("INC-2027-")
        assert world.send()
        world.after(minutes=10)
        housekeeping.run_housekeeping(world.now)
        db.session.remove()
        db.engine.dispose()
    made = roles.as_runner("backup", str(roles.terminal.home / "b"), "--with-keys")
    assert made.exit_code == 0, made.output
    with zipfile.ZipFile(roles.terminal.home / "b") as file:
        manifest = json.loads(file.read(next(name for name in file.namelist() if name.startswith("manifest"))))
    assert manifest["counters"]["numbers_inc_2027"] == 1


def test_a_backup_is_restored_with_the_owner_and_the_running_role_goes_on(roles: TwoRoles, tmp_path: Path) -> None:
    source = Terminal(tmp_path / "source")
    put_ring(source.home)
    source.good("token", "create", "--name", "x", "--role", "reader")
    source.good("backup", str(tmp_path / "b"), "--with-keys")
    restored = roles.with_owner("restore", str(tmp_path / "b"))
    assert restored.exit_code == 0, restored.output
    assert roles.as_runner("token", "create", "--name", "y", "--role", "reader").exit_code == 0
    assert roles.as_runner("journal", "verify").exit_code == 0


def test_a_role_that_must_not_migrate_says_so_and_changes_nothing(roles: TwoRoles) -> None:
    result = roles.as_runner("journal", "verify")
    assert result.exit_code == 1
    assert "may not" in result.stderr
    assert "INCIDENT_MIGRATION_URL" in result.stderr
    assert "Traceback" not in result.output


def test_check_says_when_one_role_does_all_and_when_two_do_not_help(roles: TwoRoles) -> None:
    alone = {"INCIDENT_DATABASE_URL": roles.owner}
    assert roles.terminal.type("migrate", **alone).exit_code == 0
    found = roles.terminal.type("check", **alone)
    assert (found.exit_code, "use two roles (INCIDENT_MIGRATION_URL)" in found.output) == (0, True), found.output
    assert roles.with_owner("migrate").exit_code == 0
    found = roles.with_owner("check")
    assert (found.exit_code, "INCIDENT_MIGRATION_URL" in found.output) == (0, False), found.output
    both = {"INCIDENT_DATABASE_URL": roles.owner, "INCIDENT_MIGRATION_URL": roles.owner}
    found = roles.terminal.type("check", **both)
    assert (found.exit_code, "its role may change the journal" in found.output) == (1, True), found.output
    with roles.connect(roles.owner) as connection:
        connection.execute("DROP TRIGGER journal_stays ON journal")
    found = roles.with_owner("check")
    assert (found.exit_code, "keep the table journal" in found.output) == (1, True), found.output


def test_the_address_of_the_owner_is_one_of_postgresql(roles: TwoRoles) -> None:
    result = roles.terminal.type("check", INCIDENT_MIGRATION_URL=roles.owner)
    assert (result.exit_code, "INCIDENT_MIGRATION_URL" in result.output) == (1, True)
    wrong = roles.owner.replace("owner_", "nobody_")
    assert roles.with_owner("migrate").exit_code == 0
    environ = {"INCIDENT_DATABASE_URL": roles.running, "INCIDENT_MIGRATION_URL": wrong}
    result = roles.terminal.type("check", **environ)
    assert "INCIDENT_MIGRATION_URL: the database does not answer" in result.output


def test_the_disk_is_cleared_of_a_sealed_passage_by_the_role_that_owns_the_tables_alone(roles: TwoRoles) -> None:
    roles.with_owner("migrate")
    home = roles.terminal.home
    for owner, is_cleared in ((None, False), (roles.owner, True)):
        app = create_core(replace(settings_for(home, roles.running), migration_url=owner))
        with app.app_context():
            assert clear_free_space(db.engine, ["reports", "report_words"]) is is_cleared
            db.engine.dispose()
