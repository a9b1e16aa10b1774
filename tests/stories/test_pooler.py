"""PgBouncer in transaction mode before PostgreSQL: everything works, wake-ups use the direct connection."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.plugins.pgbouncer import SERVER_CONNECTIONS, PgBouncer
from tests.stories.served import Served, sink, wait_until

pytestmark = pytest.mark.postgres

NAME = f"pooled_{os.getpid()}"
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture
def database(postgres_server: postgres.Server) -> Iterator[str]:
    postgres_server.create(NAME)
    yield NAME
    postgres_server.drop(NAME)


@pytest.fixture
def served(postgres_server: postgres.Server, pgbouncer: PgBouncer, database: str, tmp_path: Path) -> Served:
    direct = postgres_server.url(database)
    return Served(tmp_path / "home", pgbouncer.url(database), INCIDENT_DATABASE_DIRECT_URL=direct)


@pytest.fixture
def asked(postgres_server: postgres.Server, database: str) -> Iterator[Callable[[str], list[tuple]]]:
    with psycopg.connect(postgres_server.url(database).replace("+psycopg", ""), autocommit=True) as connection:
        yield lambda statement: connection.execute(statement.encode()).fetchall()


@pytest.mark.slow
def test_incidents_are_opened_and_told_through_a_pooler_with_few_connections(
    served: Served, asked: Callable[[str], list[tuple]]
) -> None:
    with sink() as receiver, served.serving():
        token = served.token()
        assert served.call("POST", "/departments", token, {"code": "net", "name": "Network"}).status_code == 201
        contact = {"name": "hook", "channel": "webhook", "address": receiver.url, "level": 1}
        assert served.call("POST", "/departments/net/contacts", token, contact).status_code == 201

        def open_one(number: int) -> int:
            body = {"title": f"Scan {number}", "departments": ["net"]}
            return served.call("POST", "/incidents", token, body).status_code

        with ThreadPoolExecutor(12) as pool:
            assert set(pool.map(open_one, range(60))) == {201}, served.output
        wait_until(
            lambda: sum(len(body["data"].get("incidents", [1])) for _, body in receiver.got), 30, "they are told"
        )
        assert served.session.get(f"{served.url}/readyz", timeout=5).status_code == 200
        used = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert asked(used)[0][0] <= SERVER_CONNECTIONS + 2
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        wait_until(lambda: asked(waiting)[0][0] == 2, 20, "scheduler and delivery listen")
    verified = served.run("journal", "verify")
    assert verified.returncode == 0, verified.stderr


@pytest.mark.slow
def test_a_message_goes_out_without_waiting_for_a_sweep(served: Served) -> None:
    with sink() as receiver, served.serving():
        token = served.token()
        served.call("POST", "/departments", token, {"code": "net", "name": "Network"})
        contact = {"name": "hook", "channel": "webhook", "address": receiver.url, "level": 1}
        served.call("POST", "/departments/net/contacts", token, contact)
        took = []
        for number in range(6):
            known = len(receiver.got)
            assert served.call("POST", "/incidents", token, {"title": f"{number}", "departments": ["net"]}).ok
            began = time.monotonic()
            wait_until(lambda known=known: len(receiver.got) > known, 20, "it is told", 0.005)
            took.append(time.monotonic() - began)
        assert sorted(took)[1] < 0.4, took  # with sweeps only it would be half a second on average


@pytest.mark.slow
def test_check_says_what_a_pooler_needs(
    served: Served, asked: Callable[[str], list[tuple]], postgres_server: postgres.Server, database: str
) -> None:
    found = served.run("check")
    assert found.returncode == 1
    assert "through the pooler nothing limits statement_timeout, lock_timeout" in found.stdout
    assert "ALTER ROLE postgres SET statement_timeout = '10s'; " in found.stdout
    seconds = {"statement_timeout": 10, "lock_timeout": 8, "idle_in_transaction_session_timeout": 15}
    with psycopg.connect(postgres_server.url(database).replace("+psycopg", ""), autocommit=True) as connection:
        for name in LIMITS:  # for this database only: others share the role
            connection.execute(f"ALTER ROLE postgres IN DATABASE {database} SET {name} = '{seconds[name]}s'".encode())
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(f"{others} AND pid <> pg_backend_pid()".encode())
    wait_until(lambda: served.run("check").returncode == 0, 20, "the pooler has new connections")
    direct = served.environ.pop("INCIDENT_DATABASE_DIRECT_URL")
    unreached = served.run("check")
    assert "leads to a pooler such as PgBouncer" in unreached.stdout, unreached.stdout
    assert "INCIDENT_DATABASE_DIRECT_URL" in unreached.stdout
    served.environ["INCIDENT_DATABASE_DIRECT_URL"] = direct.replace(f":{postgres_server.port}/", ":1/")
    assert "INCIDENT_DATABASE_DIRECT_URL: the database does not answer" in served.run("check").stdout


def test_migrations_go_past_the_pooler(served: Served, asked: Callable[[str], list[tuple]]) -> None:
    served.token()
    assert asked("SELECT count(*) FROM alembic_version")[0][0] == 1
