"""Homes that are ready to be served, and changes to them by this process: a command takes seconds to start."""

import functools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.plugins.worlds import forget_databases
from tests.ring import put_ring

# Modules of the program are imported at first use, so that tests without them start at once.
if TYPE_CHECKING:
    from flask import Flask

CLI = "cli"


def prepare(home: Path, *, has_database: bool) -> None:
    """Give a home its key ring and, unless the database is elsewhere, a migrated one."""
    put_ring(home)
    file = home / "incident.db"
    if not has_database and not file.exists():
        file.write_bytes(_migrated())
        file.chmod(0o600)


@functools.cache
def _migrated() -> bytes:
    """The content of a SQLite file at the newest migration."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        put_ring(home)
        with opened({"INCIDENT_HOME": str(home)}):
            pass
        return (home / "incident.db").read_bytes()


@contextmanager
def opened(environ: Mapping[str, str]) -> "Iterator[Flask]":
    """The application of a home in this process, as a command makes it, in its context."""
    from incident import clock, config
    from incident.app import create_core, migrate
    from incident.store.db.database import db

    forget_databases()
    app = create_core(config.read(environ), has_clock=True)
    try:
        migrate(app)
        with app.app_context():
            yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        clock.follow(None)


def make_token(environ: Mapping[str, str], role: str) -> str:
    """Make a token, as `incident token create` does."""
    from incident import clock
    from incident.actions.directory import tokens

    with opened(environ):
        return tokens.make_token(f"test {role}", role, None, CLI, clock.now()).secret


def add_person(
    environ: Mapping[str, str], login: str, name: str, role: str, password: str, department: str | None
) -> None:
    """Add a person who can sign in, as `incident person add` does."""
    from incident import clock
    from incident.actions.directory import people

    with opened(environ):
        people.add_person(login, name, role, department, password, "en", CLI, clock.now())
