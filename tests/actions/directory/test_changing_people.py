"""Changes of people: edited, deactivated, reactivated."""

from functools import partial

import pytest

from incident.actions.directory import people
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.people import Person, live_session
from incident.store.journal.journal import Entry
from tests.world import BY, World, only, rows


def add(world: World, login: str, role: str = "responder") -> Person:
    return people.add_person(login, login.title(), role, None, None, "en", BY, world.now)


def test_somebody_moves_to_a_department_and_the_journal_says_from_where(sqlite_world: World) -> None:
    sqlite_world.department("CERT")
    person = add(sqlite_world, "ann")
    add(sqlite_world, "root", "administrator")
    changes = {"name": "Ann", "role": "department", "department": "CERT"}
    people.change_person(person.id, changes, BY, sqlite_world.now)
    last = rows(Entry)[-1]
    assert last.event_type == "person.changed"
    assert '"after":{"role":"department","department":"CERT"}' in str(last.detail)


def test_who_leaves_is_signed_out_everywhere(sqlite_world: World) -> None:
    add(sqlite_world, "root", "administrator")
    person = add(sqlite_world, "ann")
    token = people.open_session(person, sqlite_world.now)
    people.change_person(person.id, {"is_active": False}, BY, sqlite_world.now)
    assert live_session(people.hash_of(token), sqlite_world.now) is None
    people.change_person(person.id, {"is_active": True}, BY, sqlite_world.now)
    assert live_session(people.hash_of(token), sqlite_world.now) is None


@pytest.mark.parametrize("changes", [{"is_active": False}, {"role": "reader"}])
def test_the_last_administrator_stays(sqlite_world: World, changes: dict[str, object]) -> None:
    person_id = add(sqlite_world, "root", "administrator").id
    with pytest.raises(RuleError) as refused:
        people.change_person(person_id, changes, BY, sqlite_world.now)
    assert refused.value.code == "person.last_administrator"
    db.session.rollback()
    assert rows(Person)[0].is_active
    assert rows(Person)[0].role == "administrator"


def test_the_role_of_a_department_needs_one(sqlite_world: World) -> None:
    person_id = add(sqlite_world, "ann").id
    with pytest.raises(RuleError) as refused:
        people.change_person(person_id, {"role": "department", "department": None}, BY, sqlite_world.now)
    assert refused.value.code == "department.needed"


def test_of_two_administrators_who_leave_at_the_same_moment_one_stays(world: World) -> None:
    for turn in range(5):
        people_here = [add(world, f"{name}{turn}", "administrator").id for name in ("ann", "bob")]
        for one in rows(Person):
            if one.id not in people_here and one.is_active:
                people.change_person(one.id, {"is_active": False}, BY, world.now)
        leave = [partial(people.change_person, one, {"is_active": False}, BY, world.now) for one in people_here]
        done = world.at_once(*leave)
        assert [one.code for one in done if isinstance(one, RuleError)] == ["person.last_administrator"]
        assert len(rows(Person, role="administrator", is_active=True)) == 1


def test_the_last_administrator_who_leaves_from_many_places_at_once_stays(world: World) -> None:
    person_id = add(world, "root", "administrator").id
    changes: list[dict[str, object]] = [{"is_active": False}, {"role": "reader"}] * 3
    done = world.at_once(*[partial(people.change_person, person_id, one, BY, world.now) for one in changes])
    assert {one.code for one in done} == {"person.last_administrator"}
    assert only(Person).is_active
    assert only(Person).role == "administrator"
