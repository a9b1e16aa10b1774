"""A PostgreSQL that dies silently delays nobody beyond the timeouts."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from incident.database_limits import DatabaseLimits
from incident.store.db import connecting
from incident.store.db.database import engine_options
from incident.store.db.outage import outage_of
from tests import postgres
from tests.silence import frozen, passing

LIMITS = DatabaseLimits(connect=2, statement=2, lock=1, idle_in_transaction=1, answer=3)
MORE = 3.0
"""Tolerance (s) of a busy machine beyond the limit."""


def engine_to(url: str, limits: DatabaseLimits = LIMITS) -> Engine:
    engine = create_engine(url, **engine_options(url))
    connecting.install_limits(engine, limits)
    return engine


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    made = engine_to(postgres_url)
    yield made
    made.dispose()


def ask(engine: Engine, statement: str = "SELECT 1") -> Any:
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar()


def seconds(engine: Engine, statement: str = "SELECT 1") -> float:
    """The time until a statement fails."""
    began = time.monotonic()
    with pytest.raises(OperationalError):
        ask(engine, statement)
    return time.monotonic() - began


def shown(engine: Engine, name: str) -> Any:
    return ask(engine, f"SHOW {name}")


def test_the_server_is_asked_to_limit_statements_locks_and_idle_transactions(engine: Engine) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
    assert [shown(engine, name) for name in names] == ["2s", "1s", "1s", "incident"]


def test_what_the_address_says_itself_wins(postgres_url: str) -> None:
    made = engine_to(f"{postgres_url}?options=-c%20lock_timeout%3D7s%20-c%20work_mem%3D9MB&application_name=node-2")
    names = ("statement_timeout", "lock_timeout", "work_mem", "application_name")
    assert [shown(made, name) for name in names] == ["2s", "7s", "9MB", "node-2"]
    made.dispose()


def test_the_connection_notices_by_itself_that_the_other_machine_is_gone(engine: Engine) -> None:
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        notified = driver.info.get_parameters() | {}
    wanted = {"connect_timeout": "2", "keepalives_idle": "10", "keepalives_count": "3", "tcp_user_timeout": "10000"}
    assert {name: notified[name] for name in wanted} == wanted


def test_a_statement_that_takes_too_long_is_ended_by_the_server_and_its_connection_goes_on(engine: Engine) -> None:
    assert 1.5 < seconds(engine, "SELECT pg_sleep(30)") < 2 + MORE
    assert ask(engine) == 1


def test_who_waits_too_long_for_a_lock_gets_a_fault(engine: Engine, postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as holding:
        holding.execute("SELECT pg_advisory_xact_lock(7)")
        assert seconds(engine, "SELECT pg_advisory_xact_lock(7)") < 1 + MORE


def test_a_transaction_in_which_nothing_happens_gives_its_locks_back(engine: Engine, postgres_url: str) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7)"))
        with psycopg.connect(postgres_url.replace("+psycopg", "")) as other:
            other.execute("SELECT pg_advisory_xact_lock(7)")
        with pytest.raises(DBAPIError) as raised:
            connection.execute(text("SELECT 1"))
        assert raised.value.connection_invalidated
        assert outage_of(raised.value) == "away"
    assert ask(engine) == 1


def test_a_frozen_database_is_noticed_in_the_midst_of_a_statement_and_used_again_when_it_thaws() -> None:
    with postgres.running() as server:
        made = engine_to(server.url())
        with made.connect() as connection:
            connection.execute(text("SELECT 1"))
            with frozen(server):
                began = time.monotonic()
                with pytest.raises(OperationalError) as raised:
                    connection.execute(text("SELECT 2"))
                assert time.monotonic() - began < LIMITS.answer + MORE
                assert raised.value.connection_invalidated
                assert "no answer from the database within 3 s" in str(raised.value)
        assert ask(made, "SELECT 3") == 3
        made.dispose()


def test_of_many_that_come_to_a_frozen_database_none_waits_long_and_the_later_ones_not_at_all() -> None:
    with postgres.running() as server:
        made = engine_to(server.url())
        for connection in [made.connect() for _ in range(4)]:
            connection.close()
        with frozen(server), ThreadPoolExecutor(40) as pool:
            began = time.monotonic()
            list(pool.map(lambda _: seconds(made), range(40)))
            assert time.monotonic() - began < connecting.PING_LIMIT + 2 * LIMITS.connect + MORE
            took = sorted(pool.map(lambda _: seconds(made), range(40)))
        assert took[-2] < 1.0, took  # one tries, for all
        assert ask(made) == 1
        made.dispose()


def test_a_connection_that_was_swallowed_while_it_was_idle_is_replaced_at_once(
    postgres_server: postgres.Server,
) -> None:
    with passing(postgres_server.port) as proxy:
        made = engine_to(proxy.url("postgres"), DatabaseLimits())
        for connection in [made.connect() for _ in range(3)]:
            connection.close()
        assert proxy.swallow() == 3
        began = time.monotonic()
        assert [ask(made) for _ in range(3)] == [1, 1, 1]
        assert time.monotonic() - began < connecting.PING_LIMIT + MORE
        made.dispose()


def test_a_connection_that_is_swallowed_in_use_fails_in_time_and_takes_nothing_with_it(
    postgres_server: postgres.Server,
) -> None:
    with passing(postgres_server.port) as proxy:
        made = engine_to(proxy.url("postgres"))
        with made.connect() as connection:
            connection.execute(text("SELECT 1"))
            proxy.swallow()
            began = time.monotonic()
            with pytest.raises(OperationalError):
                connection.execute(text("SELECT 2"))
            assert time.monotonic() - began < LIMITS.answer + MORE
        assert ask(made) == 1
        made.dispose()


def test_a_migration_may_take_as_long_as_it_likes(engine: Engine) -> None:
    assert ask(engine) == 1
    with connecting.without_limits(engine):
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [shown(engine, name) for name in names] == ["0", "0", "0"]
        assert ask(engine, "SELECT 4 FROM pg_sleep(3.5)") == 4
    assert shown(engine, "statement_timeout") == "2s"
