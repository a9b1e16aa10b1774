"""Departments, contacts, policies and rules."""

from functools import partial

import pytest

from incident.actions.directory import departments
from incident.core.incidents.routing_document import read_rules
from incident.core.notifications.policy import Policy
from incident.core.values.faults import RuleError
from incident.store.directory.departments import Contact, Department
from incident.store.incidents.rules import RuleSet, rules_in_force
from incident.store.journal.journal import Entry
from tests.world import BY, World, only, rows

POLICY = Policy.from_json({"levels": [{"wait": "PT5M"}], "repeat": 2})


def test_a_department_has_one_code_also_when_two_add_it_at_the_same_moment(world: World) -> None:
    done = world.at_once(*[lambda: departments.add_department("net", "Network", None, BY, world.now)] * 4)
    assert [type(one) for one in done].count(Department) == 1
    assert {(one.code, one.kind) for one in done if isinstance(one, RuleError)} == {("department.exists", "conflict")}
    assert len(rows(Department)) == 1


def test_a_parent_that_is_not_here_is_named_with_its_place(world: World) -> None:
    with pytest.raises(RuleError) as raised:
        departments.add_department("net", "Network", "ministry", BY, world.now)
    assert (raised.value.code, raised.value.pointer) == ("department.unknown", "/parent")
    top = world.department("ministry")
    assert departments.add_department("net", "Network", "ministry", BY, world.now).parent_id == top.id


def test_a_webhook_secret_lies_sealed_and_opens_only_in_its_own_place(world: World) -> None:
    net = world.department("net")
    contact = world.contact(net, "hook", channel="webhook", address="https://h.test/x")
    kept = only(Contact)
    assert kept.sealed_secret is not None
    assert "whsec_" not in kept.sealed_secret
    assert world.ring.open(kept.sealed_secret, departments.secret_place(contact.id)) == "whsec_" + "A" * 32
    assert "whsec_" not in " ".join(entry.detail for entry in rows(Entry))


def test_a_contact_that_was_removed_is_told_nothing_more_and_removing_it_again_changes_nothing(world: World) -> None:
    net = world.department("net", [("duty", 1)])
    departments.remove_contact(1, "left", BY, world.now)
    departments.remove_contact(1, "left twice", BY, world.now)
    world.open("net")
    assert (only(Contact).switched_off_why, len(rows(Entry, event_type="contact.switched_off"))) == ("left", 1)
    assert world.send() == []
    with pytest.raises(RuleError) as raised:
        departments.remove_contact(99, "x", BY, world.now)
    assert (raised.value.kind, net.id) == ("not_found", 1)


def test_what_waits_for_a_contact_that_is_removed_is_not_sent(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.open("net")
    departments.remove_contact(1, "left", BY, world.now)
    assert world.send() == []


def test_a_policy_read_in_an_older_version_changes_nothing(world: World) -> None:
    net = world.department("net")
    departments.put_policy(net.id, POLICY, 1, BY, world.now)
    with pytest.raises(RuleError, match=r"version\.stale"):
        departments.put_policy(net.id, POLICY, 1, BY, world.now)
    assert (only(Department).version, len(rows(Entry, event_type="policy.changed"))) == (2, 1)


def test_rules_that_name_what_is_not_here_are_refused_with_every_place(world: World) -> None:
    book = {
        "rules": [{"when": {}, "set": {"departments": ["net"], "playbook": "playbook--none"}}],
        "default": {"departments": ["web"]},
    }
    with pytest.raises(RuleError) as raised:
        departments.put_rules(read_rules(book), None, BY, world.now)
    assert {(one.code, one.pointer) for one in raised.value.all} == {
        ("playbook.unknown", "/rules/0/set/playbook"),
        ("department.unknown", "/rules/0/set/departments/0"),
        ("department.unknown", "/default/departments/0"),
    }
    assert rows(RuleSet) == []


def test_of_two_who_change_the_same_rules_at_the_same_moment_one_is_told_that_they_changed(world: World) -> None:
    world.department("net")
    book = read_rules({"rules": [], "default": {"departments": ["net"]}})
    departments.put_rules(book, 0, BY, world.now)
    done = world.at_once(*[partial(departments.put_rules, book, 1, BY, world.now)] * 4)
    assert [type(one) for one in done].count(RuleSet) == 1
    assert {one.code for one in done if isinstance(one, RuleError)} == {"version.stale"}
    in_force = rules_in_force()
    assert in_force is not None
    assert in_force.id == rows(RuleSet)[-1].id


def test_the_newest_rules_decide_and_older_ones_stay_for_the_record(world: World) -> None:
    world.department("net")
    world.department("web")
    for code in ("net", "web"):
        departments.put_rules(read_rules({"rules": [], "default": {"departments": [code]}}), None, BY, world.now)
    world.alert()
    assert len(rows(RuleSet)) == 2
    assert only(Entry, event_type="notice.created").detail.startswith('{"department":"web"')
