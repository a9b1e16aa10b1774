"""The application on a fresh database of each kind, and clients that speak for each role."""

import contextlib
import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from incident.config import Settings
from tests import postgres
from tests.plugins.matching import require_described
from tests.plugins.worlds import empty_database, forget_databases
from tests.ring import put_ring

_count = itertools.count(1)
_empty: list[bytes] = []
"""The SQLite file with all tables and no rows that the first application of a process made, to be copied."""

AT = dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC)
"""When the tests' requests come in, unless one says otherwise."""

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Hashes passwords in no time; the program's own parameters take a tenth of a second."""

CHEAP_NOBODY = CHEAP.hash("nobody")


@dataclass
class Hand:
    """The moment that the doors read; a test puts it forward."""

    at: dt.datetime = AT

    def forward(self, **length: float) -> dt.datetime:
        """Let time pass, given as arguments of timedelta; return the new moment."""
        self.at += dt.timedelta(**length)
        return self.at


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    """The hand of the clock that the doors read."""
    moved = Hand()
    monkeypatch.setattr("incident.clock.now", lambda: moved.at)
    return moved


# Tests may lose their data with the machine: nothing waits for the disk.
def _be_hasty(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@contextlib.contextmanager
def made_app(
    home: Path, url: str | None = None, *, has_tables: bool = False, has_clock: bool = True, **changed: Any
) -> Iterator[Flask]:
    """The application with all its tables, gone with its connections afterwards; `has_tables` says they are there."""
    from incident.actions.directory import passwords
    from incident.app import create_app
    from incident.store.db.database import db

    settings = Settings(home=home, database_url=url or f"sqlite:///{home / 'incident.db'}", **changed)
    put_ring(home)
    if url is None and not has_tables and _empty:
        (home / "incident.db").write_bytes(_empty[0])
        has_tables = True
    made = create_app(settings, has_clock=has_clock)
    with made.app_context():
        if url is None:
            event.listen(db.engine, "connect", _be_hasty)
        if not has_tables:
            db.create_all()
            if url is None:
                db.session.remove()
                db.engine.dispose()
                _empty.append((home / "incident.db").read_bytes())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", CHEAP)
        patched.setattr(passwords, "_NOBODY", CHEAP_NOBODY)
        yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with all tables, which one test after the other has to itself."""
    url = postgres_server.create("tables")
    with made_app(tmp_path_factory.mktemp("tables"), url):
        return url


@pytest.fixture
def postgres_tables_emptied(postgres_tables: str) -> Iterator[str]:
    """The address of a database with all tables and no rows."""
    forget_databases()
    yield postgres_tables
    empty_database(postgres_tables)


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path, hand: Hand) -> Iterator[Flask]:
    """The application on SQLite and on PostgreSQL: each test runs on both."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_tables_emptied")
    with made_app(tmp_path, url, has_tables=url is not None) as made:
        yield made


@pytest.fixture
def sqlite_app(tmp_path: Path, hand: Hand) -> Iterator[Flask]:
    """The application on SQLite only, for tests that do not depend on the database."""
    with made_app(tmp_path) as made:
        yield made


class Api:
    """A program that speaks to the API with one token, or with none."""

    def __init__(self, client: FlaskClient, token: str | None = None) -> None:
        self.client = client
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send a request below /api/v1; `body` is sent as JSON."""
        headers = self.headers | more.pop("headers", {})
        if body is not None:
            more["json"] = body
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)
        require_described(self.client.application, method, path, answer)
        return answer

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET."""
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """POST."""
        return self.ask("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """PUT."""
        return self.ask("PUT", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """PATCH."""
        return self.ask("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        """DELETE."""
        return self.ask("DELETE", path, **more)

    def done(self, path: str, body: Any = None, **more: Any) -> Any:
        """POST a request that must succeed, and return the response document."""
        answer = self.post(path, body, **more)
        assert answer.status_code == 200, answer.text
        return answer.json

    def made(self, path: str, body: Any, **more: Any) -> Any:
        """POST a document that must be created, and return it."""
        answer = self.post(path, body, **more)
        assert answer.status_code == 201, answer.text
        return answer.json

    def seen(self, path: str, **more: Any) -> Any:
        """GET a document that must exist."""
        answer = self.get(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json


Speaker = Callable[..., Api]


def speaking(made: Flask) -> Speaker:
    """Return a factory of clients by role: `speak("coordinator")`, `speak("department", "CERT")`, `speak()`."""

    from incident.actions.directory import tokens
    from incident.store.db.database import db

    def speak(role: str | None = None, department: str | None = None) -> Api:
        if role is None:
            return Api(made.test_client())
        with made.app_context():
            token = tokens.make_token(f"{role} of the tests", role, department, "tests", AT).secret
            db.session.remove()
        return Api(made.test_client(), token)

    return speak


@pytest.fixture
def speak(app: Flask) -> Speaker:
    """Programs of each role, on both databases."""
    return speaking(app)


@pytest.fixture
def speak_sqlite(sqlite_app: Flask) -> Speaker:
    """Clients of each role, on SQLite only."""
    return speaking(sqlite_app)
