"""Incident numbers: unique, ascending by year; on PostgreSQL no transaction waits for another."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import delete, text

from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.numbers import Counter, next_count, sequence_of
from tests.world import BY, World, rows


def count(world: World, name: str = "INC-2026") -> int:
    """Count in a separate transaction."""
    with transaction(BY, world.now):
        return next_count(name)


def count_and_fail(world: World, name: str, meanwhile: Callable[[], object] = bool) -> None:
    """Count in a transaction that is rolled back then."""
    with suppress(InterruptedError), transaction(BY, world.now):
        next_count(name)
        meanwhile()
        raise InterruptedError


def test_each_year_and_each_kind_counts_for_itself_from_one(world: World) -> None:
    assert [count(world) for _ in range(3)] == [1, 2, 3]
    assert [count(world, "INC-2027"), count(world, "DRL-2026"), count(world)] == [1, 1, 4]


def test_what_is_no_count_is_refused() -> None:
    for name in ("INC", "INC-2026; DROP TABLE incidents", "inc-2026", ""):
        with pytest.raises(ValueError):
            sequence_of(name)


def test_two_that_open_an_incident_do_not_wait_for_each_other(postgres_world: World) -> None:
    world = postgres_world
    first = world.open()
    with transaction(BY, world.now):
        assert next_count("INC-2026") == 2
        [second] = world.at_once(world.open)
    assert [first.number, second.number] == ["INC-2026-000001", "INC-2026-000003"]


def test_the_first_of_a_year_may_be_many_at_once(world: World) -> None:
    done = world.at_once(*[world.open] * 6)
    assert not [one for one in done if isinstance(one, Exception)], done
    assert len({incident.number for incident in done}) == len(rows(Incident)) == 6


def test_who_makes_the_first_of_a_year_and_fails_leaves_it_to_the_next(postgres_world: World) -> None:
    world = postgres_world
    is_counted, is_let_go = threading.Event(), threading.Event()

    def fail() -> bool:
        is_counted.set()
        return is_let_go.wait(20)

    def follow() -> int:
        assert is_counted.wait(20)
        threading.Timer(0.3, is_let_go.set).start()
        return count(world, "INC-2031")

    assert world.at_once(lambda: count_and_fail(world, "INC-2031", fail), follow) == [None, 1]


def test_what_is_rolled_back_leaves_a_gap_on_postgresql_and_none_on_sqlite(world: World) -> None:
    def refused() -> None:
        with pytest.raises(RuleError):
            world.open("nobody")
        count_and_fail(world, "INC-2026")

    world.open()
    refused()
    assert world.open().number == ("INC-2026-000002" if world.settings.is_sqlite else "INC-2026-000003")


def forget(world: World) -> None:
    """Keep the incidents, as after a restore."""
    db.session.rollback()
    db.session.execute(delete(Counter))
    if not world.settings.is_sqlite:
        db.session.execute(text("DROP SEQUENCE IF EXISTS numbers_inc_2026"))
    db.session.commit()


def test_a_database_that_was_restored_goes_on_behind_its_last_number(world: World) -> None:
    world.open()
    last = world.open()
    world.open(title="A scan", speed=60)
    with transaction(BY, world.now):
        db.session.get_one(Incident, last.id).number = "INC-2026-1000001"
    forget(world)
    assert [world.open().number for _ in range(2)] == ["INC-2026-1000002", "INC-2026-1000003"]
    assert len({incident.number for incident in rows(Incident)}) == 5


def locks_of(counting: Callable[[], int]) -> list[str]:
    """The tables in which a transaction holds rows or more after it has counted."""
    counting()
    wanted = "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'RowExclusiveLock'"
    return list(db.session.scalars(text(wanted)))


def test_counting_holds_no_row(postgres_world: World) -> None:
    count(postgres_world)
    with transaction(BY, postgres_world.now):
        assert locks_of(lambda: next_count("INC-2026")) == ["numbers_inc_2026"]
