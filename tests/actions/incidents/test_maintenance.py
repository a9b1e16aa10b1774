"""Maintenance windows hold alerts, lose none, and cost nothing where there are none."""

import datetime as dt
from typing import Any

import pytest

from incident.actions.incidents.held_alerts import release_held
from incident.actions.operations import housekeeping
from incident.actions.systems import systems, windows
from incident.core.systems.window import KEPT_FOR
from incident.core.values.faults import RuleError
from incident.store.incidents.incidents import Alert as AlertRow
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from incident.store.systems.systems import System
from incident.store.systems.windows import HeldAlert, MaintenanceWindow
from tests.staff import last_entry
from tests.test_query_counts import count_of
from tests.world import BY, World, only, rows


def window(world: World, hours: float = 2, **facts: Any) -> MaintenanceWindow:
    known = {"reason": "Update of the cluster", "ends_at": world.now + dt.timedelta(hours=hours)}
    return windows.add_window(known | (facts or {"source": "generic"}), BY, world.now)


def release(world: World) -> int:
    return release_held(world.now, world.zone)


def test_an_alert_in_a_window_is_kept_and_counted_and_opens_nothing(world: World) -> None:
    held_by = window(world)
    decided = world.alert(payload={"a": 1})
    assert (decided.decision, decided.reason, decided.window) == ("ignored", "in_maintenance", held_by.id)
    world.alert(title="Again", payload={"a": 2})
    assert rows(Incident) == []
    assert rows(Notice) == []
    held = only(HeldAlert)
    assert (held.times, held.state, held.alert["title"], held.payload["payload"]) == (2, "firing", "Again", {"a": 2})
    assert [one.reason for one in rows(AlertRow)] == ["in_maintenance"] * 2


def test_what_still_fires_at_the_end_opens_its_incident_then(world: World) -> None:
    window(world)
    world.alert(fingerprint="a", title="Still fires")
    world.alert(fingerprint="b", title="Is over")
    world.alert(fingerprint="b", title="Is over", status="resolved")
    world.forward(hours=1)
    assert release(world) == 0
    world.forward(hours=1)
    assert release(world) == 1
    incident = only(Incident)
    assert (incident.title, incident.opened_at) == ("Still fires", world.now)
    assert {one.fingerprint: (one.state, one.incident_id) for one in rows(HeldAlert)} == {
        "a": ("released", incident.id),
        "b": ("resolved", None),
    }
    assert last_entry("maintenance.released").incident == incident.number
    assert release(world) == 0
    world.alert(fingerprint="a", title="Still fires", status="resolved")
    assert world.alert(fingerprint="c").decision == "opened"


def test_the_gravest_alert_opens_its_incident_despite_a_window(world: World) -> None:
    window(world)
    assert world.alert(grade=1).decision == "opened"
    assert rows(HeldAlert) == []


def test_an_alert_of_an_open_incident_is_attached_despite_a_window(world: World) -> None:
    world.alert()
    window(world)
    assert world.alert(title="News").decision == "attached"


def test_windows_of_a_system_and_of_labels_hold_what_they_name(world: World) -> None:
    systems.add_system({"code": "PAY", "name": "Pay", "names": ["pay"]}, BY, world.now)
    window(world, system="PAY")
    window(world, labels={"env": "test"})
    assert world.alert(fingerprint="a", labels={"host": "pay"}).decision == "ignored"
    assert world.alert(fingerprint="b", labels={"env": "test"}).decision == "ignored"
    assert world.alert(fingerprint="c", labels={"env": "live"}).decision == "opened"
    pay = only(System)
    with pytest.raises(RuleError, match=r"system\.in_use"):
        systems.delete_system(pay.id, None, BY, world.now)


def test_a_window_that_is_ended_early_releases_at_once(world: World) -> None:
    row = window(world)
    world.alert()
    world.forward(minutes=5)
    windows.end_window(row.id, None, BY, world.now)
    assert world.alert(fingerprint="other").decision == "opened"
    assert release(world) == 1
    assert len(rows(Incident)) == 2
    with pytest.raises(RuleError, match=r"window\.ended"):
        windows.end_window(row.id, None, BY, world.now)


def test_a_window_is_extended_and_shortened_within_its_bounds(world: World) -> None:
    row = window(world)
    later = windows.change_window(row.id, {"ends_at": world.now + dt.timedelta(hours=5)}, row.version, BY, world.now)
    world.forward(hours=4)
    assert world.alert().decision == "ignored"
    with pytest.raises(RuleError, match=r"version\.stale"):
        windows.change_window(row.id, {"reason": "x"}, 1, BY, world.now)
    with pytest.raises(RuleError, match=r"window\.too_long"):
        windows.change_window(row.id, {"ends_at": row.begins_at + dt.timedelta(days=31)}, None, BY, world.now)
    assert later.version == 2


def test_a_planned_window_holds_from_its_begin(world: World) -> None:
    window(world, hours=3, source="generic", begins_at=world.now + dt.timedelta(hours=1))
    assert world.alert(fingerprint="a").decision == "opened"
    world.forward(hours=1)
    assert world.alert(fingerprint="b").decision == "ignored"


def test_what_two_processes_release_at_once_opens_one_incident(world: World) -> None:
    window(world)
    world.alert()
    world.forward(hours=3)
    outcomes = world.at_once(lambda: release(world), lambda: release(world))
    assert not any(isinstance(one, Exception) for one in outcomes), outcomes
    assert len(rows(Incident)) == 1
    assert only(HeldAlert).state == "released"


def test_two_equal_alerts_at_once_are_held_once_and_counted_twice(world: World) -> None:
    window(world)
    outcomes = world.at_once(world.alert, world.alert)
    assert [one.decision for one in outcomes] == ["ignored", "ignored"]
    assert only(HeldAlert).times == 2


def test_one_alert_that_another_window_holds_still_stays_held(world: World) -> None:
    window(world, hours=1)
    world.alert()
    world.forward(minutes=30)
    second = window(world, hours=2)
    world.forward(minutes=31)
    assert release(world) == 1
    assert rows(Incident) == []
    assert {one.window_id: one.state for one in rows(HeldAlert)}[second.id] == "firing"
    world.forward(hours=2)
    assert release(world) == 1
    assert len(rows(Incident)) == 1


def test_without_a_window_in_force_an_alert_takes_as_many_statements_as_before(world: World) -> None:
    names = iter("abcdefgh")
    world.alert(fingerprint="first")
    before = count_of(lambda: world.alert(fingerprint=next(names)))
    row = window(world, source="other")
    world.alert(fingerprint="warm")
    assert count_of(lambda: world.alert(fingerprint=next(names))) == before
    windows.end_window(row.id, None, BY, world.now)
    world.alert(fingerprint="warm-2")
    assert count_of(lambda: world.alert(fingerprint=next(names))) == before


def test_a_window_is_forgotten_half_a_year_after_its_end_but_none_whose_alerts_still_fire(world: World) -> None:
    first, _, later = window(world), window(world, hours=3, labels={"a": "b"}), window(world, hours=4, source="x")
    world.alert(fingerprint="a")
    world.alert(fingerprint="b", labels={"a": "b"})
    world.alert(fingerprint="b", labels={"a": "b"}, status="resolved")
    ends_at = later.ends_at
    housekeeping.run_housekeeping(ends_at + KEPT_FOR)
    assert {one.id for one in rows(MaintenanceWindow)} == {first.id, later.id}
    assert [one.window_id for one in rows(HeldAlert)] == [first.id]
    world.forward(hours=2)
    release(world)
    housekeeping.run_housekeeping(ends_at + KEPT_FOR + dt.timedelta(seconds=1))
    assert rows(MaintenanceWindow) == []
    assert rows(HeldAlert) == []
    assert (len(rows(Incident)), len(rows(AlertRow))) == (1, 4)
