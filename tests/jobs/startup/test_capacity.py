"""The connection pools of all machines fit into PostgreSQL, or `check` reports it."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import text

from incident import clock
from incident.config import SettingFault
from incident.database_limits import POOL_SIZE
from incident.jobs.startup.capacity import connections_of_node, faults_of_connections
from incident.store.db.database import db
from incident.store.operations import instance
from tests.world import World

USUAL_SERVER = 97
"""Default connections of PostgreSQL for programs: 100 minus 3 for administrators."""


def faults(world: World, pool_size: int = POOL_SIZE, workers: int = 4) -> list[SettingFault]:
    settings = replace(world.settings, database_pool_size=pool_size)
    return faults_of_connections(settings, db.session.connection(), workers)


def tick(home: str, at: dt.datetime) -> None:
    for pid in (1, 2):
        instance.beat(f"{home}.boot:{pid}", at)
    db.session.commit()


def test_two_machines_fit_into_a_server_as_it_comes(postgres_world: World) -> None:
    assert 2 * connections_of_node(postgres_world.settings) <= USUAL_SERVER
    assert db.engine.pool.size() == POOL_SIZE  # type: ignore[attr-defined]


def test_pools_that_are_larger_than_the_server_are_told_with_both_figures(postgres_world: World) -> None:
    assert faults(postgres_world) == []
    [fault] = faults(postgres_world, 30)
    assert fault.name == "INCIDENT_DATABASE_POOL_SIZE"
    assert fault.what == "this machine may take 212 connections, and PostgreSQL has 197 for all"
    assert [one.name for one in faults(postgres_world, 6, workers=40)] == ["INCIDENT_DATABASE_POOL_SIZE"]


def test_machines_that_ticked_lately_count(postgres_world: World) -> None:
    now = clock.machine()
    for number in range(4):
        tick(f"node{number}", now)
    tick("gone", now - dt.timedelta(hours=1))
    [fault] = faults(postgres_world)
    assert fault.what == "the 5 machines may take 220 connections, and PostgreSQL has 197 for all"


def test_a_limit_of_the_role_counts(postgres_world: World) -> None:
    connection = db.session.connection()
    connection.execute(text("CREATE ROLE few LOGIN CONNECTION LIMIT 20"))
    connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO few"))
    connection.execute(text("SET LOCAL ROLE few"))
    [fault] = faults(postgres_world)
    assert fault.what.endswith("PostgreSQL has 20 for all")
    db.session.rollback()
