"""The scheduler receives alerts again that fire when their maintenance window ends."""

import datetime as dt

import pytest

from incident import clock
from incident.actions.systems import windows
from incident.jobs.scheduling import periodic_work as module
from incident.store.incidents.incidents import Incident
from tests.jobs.running import running, until
from tests.world import BY, World, rows


def test_a_held_alert_opens_its_incident_when_the_window_ends(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RELEASE_EVERY", 0.2)
    world = sqlite_world
    world.now = clock.now()
    ends_at = world.now + dt.timedelta(seconds=1)
    windows.add_window({"reason": "Restart", "ends_at": ends_at, "source": "generic"}, BY, world.now)
    assert world.alert().decision == "ignored"
    with running(world):
        until(lambda: rows(Incident), 20)
    assert rows(Incident)[0].opened_at >= ends_at
