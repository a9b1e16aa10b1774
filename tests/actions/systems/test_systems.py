"""Systems are recognised in alerts and incidents, route them, and are corrected by people."""

from typing import Any

import pytest

from incident.actions.directory.departments import put_rules
from incident.actions.incidents import routing
from incident.actions.incidents.incident_systems import put_systems
from incident.actions.systems import matching
from incident.actions.systems import systems as use_cases
from incident.core.incidents.indicator import parse_indicator
from incident.core.incidents.routing import RoutingInput
from incident.core.incidents.routing_document import read_rules
from incident.core.values.faults import RuleError
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from incident.store.queries.systems import systems_on
from incident.store.systems.systems import System
from tests.staff import last_entry
from tests.world import BY, World, only, rows


def system(world: World, code: str, **facts: Any) -> System:
    return use_cases.add_system({"code": code, "name": f"System {code}", **facts}, BY, world.now)


def rules(world: World, *items: dict[str, Any], default: dict[str, Any] | None = None) -> None:
    put_rules(read_rules({"rules": list(items), "default": default or {}}), None, BY, world.now)


def found_on(incident: Incident) -> dict[str, tuple[str, str | None]]:
    return {one.code: (one.matched_by, one.seen) for one in systems_on(incident.id)}


def test_an_alert_brings_its_systems_by_address_name_and_label(world: World) -> None:
    system(world, "PAY", addresses=["192.0.2.0/24"])
    system(world, "SHOP", names=["*.shop.example"])
    system(world, "HR", names=["hr-db"])
    system(world, "OLD", addresses=["192.0.2.0/24"], is_active=False)
    seen = (parse_indicator("ipv4", "192.0.2.9"), parse_indicator("domain", "a.shop.example"))
    world.alert(indicators=seen, labels={"instance": "hr-db:9100"})
    assert found_on(only(Incident)) == {
        "PAY": ("address", "192.0.2.9"),
        "SHOP": ("name", "a.shop.example"),
        "HR": ("label", "hr-db:9100"),
    }
    assert {one["code"] for one in world_detail("incident.opened")["systems"]} == {"PAY", "SHOP", "HR"}


def world_detail(event_type: str) -> dict[str, Any]:
    import json

    detail: dict[str, Any] = json.loads(last_entry(event_type).detail)
    return detail


def test_an_incident_that_a_person_opens_has_its_systems_too(world: World) -> None:
    system(world, "PAY", addresses=["192.0.2.0/24"])
    incident = world.open(indicators=[parse_indicator("url", "http://192.0.2.9/login")])
    assert found_on(incident) == {"PAY": ("address", "192.0.2.9")}


def test_news_of_an_alert_bring_further_systems(world: World) -> None:
    system(world, "PAY", names=["pay"])
    system(world, "HR", names=["hr"])
    world.alert(labels={"host": "pay"})
    world.alert(labels={"host": "hr"})
    assert set(found_on(only(Incident))) == {"PAY", "HR"}
    assert world_detail("alert.attached")["systems"] == ["HR"]


def test_a_change_of_systems_counts_for_the_next_alert(world: World) -> None:
    pay = system(world, "PAY", names=["pay"])
    world.alert(fingerprint="a", labels={"host": "other"})
    use_cases.change_system(pay.id, {"names": ("other",)}, None, BY, world.now)
    world.alert(fingerprint="b", labels={"host": "other"})
    use_cases.change_system(pay.id, {"is_active": False}, None, BY, world.now)
    world.alert(fingerprint="c", labels={"host": "other"})
    assert [len(systems_on(one.id)) for one in rows(Incident)] == [0, 1, 0]


def test_a_change_that_was_rolled_back_leaves_no_trace_in_the_cached_index(world: World) -> None:
    system(world, "PAY", names=["pay"])
    with pytest.raises(RuleError, match=r"department\.unknown"):
        system(world, "HR", names=["hr"], owner="NOWHERE")
    world.alert(fingerprint="a", labels={"host": "hr"})
    system(world, "HR", names=["hr"])
    world.alert(fingerprint="b", labels={"host": "hr"})
    assert [set(found_on(one)) for one in rows(Incident)] == [set(), {"HR"}]


def test_many_alerts_read_the_systems_once(world: World) -> None:
    system(world, "PAY", names=["pay"])
    world.alert(fingerprint="a", labels={"host": "pay"})
    before = matching._index.cache_info().misses
    for name in "bcdef":
        world.alert(fingerprint=name, labels={"host": "pay"})
    assert matching._index.cache_info().misses == before


def test_a_rule_asks_for_a_system_its_level_and_its_criticality(world: World) -> None:
    world.department("soc", [("duty", 1)])
    system(world, "PAY", names=["pay"], protection_level=3, criticality="high")
    system(world, "WIKI", names=["wiki"], protection_level=1, criticality="high")
    rules(world, {"when": {"protection_level": [3, 4], "criticality": "high"}, "set": {"departments": ["soc"]}})
    world.alert(fingerprint="a", labels={"host": "wiki"})
    world.alert(fingerprint="b", labels={"host": "pay"})
    first, second = rows(Incident)
    assert (len(rows(Notice, incident_id=first.id)), len(rows(Notice, incident_id=second.id))) == (0, 1)
    assert second.matched is not None
    assert second.matched["looked_at"] == {"source": "generic", "protection_level": [3], "criticality": ["high"]}


def test_one_system_must_meet_all_conditions_on_systems(world: World) -> None:
    world.department("soc", [("duty", 1)])
    system(world, "PAY", names=["pay"], protection_level=3, criticality="low")
    system(world, "WIKI", names=["wiki"], protection_level=1, criticality="high")
    rules(world, {"when": {"protection_level": 3, "criticality": "high"}, "set": {"departments": ["soc"]}})
    world.alert(labels={"host": "wiki", "peer": "pay"})
    assert rows(Notice) == []


@pytest.mark.parametrize("is_default", [False, True])
def test_the_owners_of_the_systems_are_notified(world: World, is_default: bool) -> None:
    world.department("pay", [("duty", 1)])
    world.department("hr", [("duty", 1)])
    system(world, "PAY", names=["pay"], owner="pay")
    system(world, "PAY2", names=["pay"], owner="pay")
    system(world, "HR", names=["hr"], owner="hr")
    system(world, "NONE", names=["pay"])
    if is_default:
        rules(world, default={"departments": [], "owners": True})
    else:
        rules(world, {"when": {}, "set": {"owners": True}})
    world.alert(labels={"host": "pay"})
    [notice] = rows(Notice)
    incident = only(Incident)
    assert notice.incident_id == incident.id
    assert incident.matched is not None
    assert incident.matched["owners"] == ["pay"]
    trial = routing.try_rules(RoutingInput(systems=routing.named_systems(["HR"])), world.now)
    assert [(one.department.code, one.why) for one in trial.routed] == [("hr", "owner")]


def test_the_trial_refuses_systems_that_do_not_exist_each_at_its_place(world: World) -> None:
    system(world, "PAY")
    with pytest.raises(RuleError) as refused:
        routing.named_systems(["X", "PAY", "Y"])
    assert [one.pointer for one in refused.value.all] == ["/systems/0", "/systems/2"]


def test_a_person_adds_and_removes_systems_and_owners_are_proposed(world: World) -> None:
    world.department("hr", [("duty", 1)])
    system(world, "PAY", names=["pay"])
    system(world, "HR", owner="hr")
    rules(world, {"when": {"system": ["HR"]}, "set": {"owners": True}})
    world.alert(labels={"host": "pay"})
    incident = only(Incident)
    changed = put_systems(incident.id, ["HR"], incident.version, BY, world.now)
    assert found_on(incident) == {"HR": ("person", None)}
    assert changed.version == 2
    assert changed.matched is not None
    assert changed.matched["also"] == ["hr"]
    assert rows(Notice) == []
    detail = world_detail("incident.systems_changed")
    assert ([one["code"] for one in detail["added"]], [one["code"] for one in detail["removed"]]) == (["HR"], ["PAY"])
    with pytest.raises(RuleError, match=r"version\.stale"):
        put_systems(incident.id, ["PAY"], 1, BY, world.now)


def test_what_a_person_removed_is_not_brought_back_by_an_alert_but_by_a_person(world: World) -> None:
    system(world, "PAY", names=["pay"])
    world.alert(labels={"host": "pay"})
    incident = only(Incident)
    put_systems(incident.id, [], None, BY, world.now)
    world.alert(labels={"host": "pay", "more": "news"})
    assert found_on(incident) == {}
    put_systems(incident.id, ["PAY"], None, BY, world.now)
    assert found_on(incident) == {"PAY": ("person", None)}


def test_unknown_systems_are_refused_and_nothing_is_changed(world: World) -> None:
    system(world, "PAY", names=["pay"])
    world.alert(labels={"host": "pay"})
    incident = only(Incident)
    with pytest.raises(RuleError, match=r"system\.unknown"):
        put_systems(incident.id, ["NO"], None, BY, world.now)
    assert found_on(incident).keys() == {"PAY"}


def test_a_code_is_given_once_and_a_used_system_is_not_deleted(world: World) -> None:
    pay = system(world, "PAY", names=["pay"])
    with pytest.raises(RuleError, match=r"system\.code_taken"):
        system(world, "PAY")
    world.alert(labels={"host": "pay"})
    with pytest.raises(RuleError, match=r"system\.in_use"):
        use_cases.delete_system(pay.id, None, BY, world.now)
    other = system(world, "HR")
    use_cases.delete_system(other.id, None, BY, world.now)
    assert [one.code for one in rows(System)] == ["PAY"]


def test_two_people_who_add_one_code_at_once_get_one_system(world: World) -> None:
    outcomes = world.at_once(*(lambda: system(world, "PAY") for _ in range(2)))
    assert sum(isinstance(one, RuleError) for one in outcomes) == 1
    assert len(rows(System)) == 1


def test_an_exercise_has_no_systems_of_its_own_accord(world: World) -> None:
    system(world, "PAY", addresses=["192.0.2.0/24"])
    incident = world.open(indicators=[parse_indicator("ipv4", "192.0.2.9")], speed=60)
    assert found_on(incident) == {}
