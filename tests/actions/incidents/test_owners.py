"""The owner of an incident: set by taking it on, changed by assigning, recorded in the journal."""

import json

import pytest

from incident.actions.directory import people
from incident.actions.incidents import incidents
from incident.actions.incidents.assignment_undo import undo_assignment
from incident.core.values.faults import RuleError
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident, people_on
from incident.store.journal import journal
from tests.world import BY, World, only


def person(world: World, login: str, role: str = "responder") -> Person:
    """Add a person."""
    return people.add_person(login, f"Person {login}", role, None, None, "en", BY, world.now)


def last_entry(incident: Incident) -> tuple[str, dict[str, object]]:
    """The verb and the detail of the newest entry of an incident."""
    [entry] = journal.latest_entries_of(incident.number, 1)
    return entry.event_type, json.loads(entry.detail)


def test_who_takes_an_incident_on_owns_it_unless_somebody_does(world: World) -> None:
    first, second = person(world, "first"), person(world, "second")
    incident = world.open()
    for one in (first, second):
        incidents.acknowledge_incident(incident.id, None, BY, "api", world.now, person_id=one.id)
        told = last_entry(incident)
        assert only(Incident).owner_id == first.id
    assert told == ("incident.acknowledged", {"before": "handling", "after": "handling"})


def test_an_assignment_names_the_owner_and_the_journal_says_who_it_was_and_is(world: World) -> None:
    first = person(world, "first")
    incident = world.open(tlp="red")
    incidents.acknowledge_incident(incident.id, None, BY, "api", world.now, person_id=first.id)
    second = person(world, "second", "coordinator")
    world.change(incident, owner="second")
    assert last_entry(incident) == (
        "incident.changed",
        {
            "before": {"owner": {"login": "first", "name": "Person first"}},
            "after": {"owner": {"login": "second", "name": "Person second"}},
            "is_named": True,
        },
    )
    assert list(people_on(incident.id)) == [second.id]
    version = only(Incident).version
    world.change(incident, owner="second")
    assert only(Incident).version == version
    world.change(incident, owner=None)
    assert only(Incident).owner_id is None
    assert last_entry(incident)[1]["after"] == {"owner": None}


@pytest.mark.parametrize(
    ("login", "code"), [("nobody", "person.unknown"), ("reads", "owner.not_allowed")], ids=["unknown", "may not"]
)
def test_only_a_person_who_may_change_incidents_can_own_one(world: World, login: str, code: str) -> None:
    person(world, "reads", "reader")
    incident = world.open()
    with pytest.raises(RuleError) as refused:
        world.change(incident, owner=login)
    assert (refused.value.code, refused.value.pointer) == (code, "/owner")
    assert only(Incident).owner_id is None


def test_an_undone_assignment_gives_the_incident_back_and_hides_it_from_who_had_it(world: World) -> None:
    first, second = person(world, "first"), person(world, "second")
    incident = world.open(tlp="red")
    world.change(incident, owner="first")
    world.change(incident, owner="second")
    version = only(Incident).version
    undo_assignment(incident.id, version, BY, world.now)
    found = only(Incident)
    assert (found.owner_id, found.version) == (first.id, version + 1)
    assert list(people_on(incident.id)) == [first.id]
    assert last_entry(incident) == (
        "incident.changed",
        {
            "before": {"owner": {"login": "second", "name": "Person second"}},
            "after": {"owner": {"login": "first", "name": "Person first"}},
            "is_undo": True,
        },
    )
    assert second.id not in people_on(incident.id)
    with pytest.raises(RuleError, match=r"assignment\.not_undoable"):
        undo_assignment(incident.id, found.version, BY, world.now)


def test_an_owner_who_was_named_before_stays_so_after_the_undo(world: World) -> None:
    first = person(world, "first")
    incident = world.open(person_id=first.id)
    world.change(incident, owner="first")
    undo_assignment(incident.id, only(Incident).version, BY, world.now)
    assert only(Incident).owner_id is None
    assert list(people_on(incident.id)) == [first.id]


def test_only_the_last_change_is_undone_and_only_by_who_made_it(world: World) -> None:
    person(world, "first")
    incident = world.open()
    world.change(incident, owner="first")
    version = only(Incident).version
    with pytest.raises(RuleError, match=r"assignment\.not_undoable"):
        undo_assignment(incident.id, version, "person:2:Wang Fang", world.now)
    world.change(incident, grade=1)
    with pytest.raises(RuleError, match=r"version\.stale"):
        undo_assignment(incident.id, version, BY, world.now)
    with pytest.raises(RuleError, match=r"assignment\.not_undoable"):
        undo_assignment(incident.id, only(Incident).version, BY, world.now)


def test_named_people_are_replaced_but_for_those_who_own_it_or_hold_a_role(world: World) -> None:
    owner, liaison, other = (person(world, login) for login in ("owner", "liaison", "other"))
    person(world, "last", "reader")
    incident = world.open(tlp="red")
    world.change(incident, owner="owner", liaison="liaison", people=["other"])
    assert set(people_on(incident.id)) == {owner.id, liaison.id, other.id}
    world.change(incident, people=["last"])
    [event_type, detail] = last_entry(incident)
    named = {"login": "last", "name": "Person last"}
    assert event_type == "incident.changed"
    assert detail["after"] == {"people": [*({"login": x, "name": f"Person {x}"} for x in ("owner", "liaison")), named]}
    world.change(incident, liaison=None, people=[])
    assert list(people_on(incident.id)) == [owner.id]
    with pytest.raises(RuleError) as refused:
        world.change(incident, people=["owner", "nobody", "no one"])
    assert [(one.code, one.pointer) for one in refused.value.all] == [
        ("person.unknown", "/people/1"),
        ("person.unknown", "/people/2"),
    ]
