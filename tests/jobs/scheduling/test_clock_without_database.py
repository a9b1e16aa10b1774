"""The scheduler waits during a database outage, and ends only if it hangs itself."""

import time
from typing import Any

import pytest
from sqlalchemy import event

from incident import clock
from incident.jobs.scheduling import scheduler as module
from incident.jobs.scheduling.scheduler import Stuck
from incident.store.db.database import db
from incident.store.operations.instance import last_tick_at
from tests.jobs.running import Running, running, until
from tests.world import World


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK_AFTER", 3.0)
    monkeypatch.setattr(module, "ANSWER_LIMIT", 0.5)
    monkeypatch.setattr(module, "BEAT_EVERY", 0.1)


def ticks_after(it: Running, seconds: float) -> bool:
    """Whether a clock ticks within a while."""
    since = clock.now()

    def has_ticked() -> bool:
        db.session.rollback()
        last = last_tick_at(clock.now())
        return last is not None and last > since

    until(lambda: it.fault or has_ticked(), seconds)
    return it.fault is None


def goes_on(it: Running, seconds: float) -> bool:
    time.sleep(seconds)
    assert it.fault is None, it.fault
    return it.thread.is_alive()


def test_a_clock_whose_database_another_holds_waits_and_goes_on(sqlite_world: World) -> None:
    with running(sqlite_world) as it:
        assert ticks_after(it, 20)
        # By the same library: POSIX's locks do not keep two libraries of one process apart.
        holding: Any = db.engine.dialect.loaded_dbapi.connect(str(sqlite_world.settings.home / "incident.db"))
        holding.isolation_level = None
        holding.execute("BEGIN IMMEDIATE")
        assert goes_on(it, 7.0)
        holding.execute("ROLLBACK")
        holding.close()
        assert ticks_after(it, 30)


def test_a_clock_whose_disk_is_full_waits_and_goes_on(sqlite_world: World) -> None:
    def allow(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    with running(sqlite_world) as it:
        assert ticks_after(it, 20)
        event.listen(db.engine, "checkout", listener := lambda connection, *_: allow(connection, None))
        assert goes_on(it, 7.0)
        event.remove(db.engine, "checkout", listener)
        event.listen(db.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only=OFF"))
        assert ticks_after(it, 20)


def test_a_clock_whose_database_is_away_waits_and_goes_on(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object, **_more: object) -> None:
        raise postgres_world_fault()

    with running(postgres_world) as it:
        assert ticks_after(it, 20)
        event.listen(db.engine, "do_connect", away, insert=True)
        db.engine.dispose()
        assert goes_on(it, 7.0)
        event.remove(db.engine, "do_connect", away)
        assert ticks_after(it, 20)


def postgres_world_fault() -> Exception:
    import psycopg

    return psycopg.OperationalError("connection refused")


def test_a_tick_that_hangs_while_the_database_answers_ends_the_clock(sqlite_world: World) -> None:
    with running(sqlite_world) as it:
        assert ticks_after(it, 20)
        assert it.clock._ticking.acquire(timeout=10)
        fault = it.ended(40)
        it.clock._ticking.release()
    assert isinstance(fault, Stuck)
    assert "although the database answers" in str(fault)
