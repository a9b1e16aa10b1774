"""Two machines with the same name and one database, an hour apart: timers fire at the right moment."""

import datetime as dt
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from incident import clock
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.notifications.notices import Notice
from incident.store.operations.instance import Heartbeat
from incident.store.playbooks.timers import Timer
from incident.store.queries import health
from tests.jobs.running import until
from tests.ring import KEYS
from tests.shifted import shifted
from tests.stories.served import INCIDENT
from tests.world import World, only, rows

pytestmark = pytest.mark.slow
NEAR = dt.timedelta(seconds=20)


@contextmanager
def working(home: Path, database_url: str, log: Path, **environ: str) -> Iterator[None]:
    """`incident work` on a machine, for as long as the block runs."""
    home.mkdir()
    (home / "keys.json").write_text(KEYS)
    settings = {
        "INCIDENT_HOME": str(home),
        "INCIDENT_DATABASE_URL": database_url,
        "INCIDENT_TIMEZONE": "Asia/Shanghai",
        "INCIDENT_ALLOW_PRIVATE_TARGETS": "1",
    }
    with log.open("w") as output:
        process = subprocess.Popen([*INCIDENT, "work"], env=os.environ | settings | environ, stderr=output)
        try:
            yield
            assert process.poll() is None, log.read_text()
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize("shift", [3600, -3600])
def test_timers_fire_at_their_moment_whichever_of_two_machines_writes_or_fires_them(
    postgres_world: World, tmp_path: Path, shift: int
) -> None:
    world, url = postgres_world, postgres_world.settings.database_url
    with working(tmp_path / "b", url, tmp_path / "b.log", **shifted(tmp_path, shift)):
        until(beats, 60)
        world.now = clock.machine()
        world.department("net", [("first", 1), ("second", 2), ("third", 3)], waits=[3 / 60, 30, 30])
        world.open("net")
        began_at = world.now
        until(lambda: only(Notice).level == 2, 30)  # the machine that is off has fired the first ...
        fired = only(Timer, state="fired")
        assert fired.ended_at is not None
        assert dt.timedelta(0) <= fired.ended_at - fired.due_at < NEAR
        due_at = only(Timer, state="pending").due_at  # ... and written the second
        assert abs(due_at - (began_at + dt.timedelta(seconds=3 + 1800))) < NEAR
        with working(tmp_path / "a", url, tmp_path / "a.log"):
            until(lambda: len(beats()) == 2, 60)
            first = beats()
            until(lambda: all(at > first[node] + dt.timedelta(seconds=5) for node, at in beats().items()), 60)
            assert only(Timer, state="pending").due_at == due_at
            assert only(Notice).level == 2
            assert rows(Entry, event_type="clock.set_back") == []
            off = sorted(round(one.seconds / 60) for one in health.clocks_off(clock.machine()))
            assert off == sorted([0, shift // 60])
    assert Counter("a scheduler tick failed" in (tmp_path / f"{name}.log").read_text() for name in "ab") == {False: 2}


def beats() -> dict[str, dt.datetime]:
    """The last tick of each node."""
    db.session.rollback()
    return {one.node: one.at for one in sorted(rows(Heartbeat), key=lambda one: one.at)}
