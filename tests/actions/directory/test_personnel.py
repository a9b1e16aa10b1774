"""People change, leave and come back."""

import pytest

from incident.actions.directory import people, personnel
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.people import Person, live_session
from incident.store.journal.journal import Entry
from tests.world import BY, World, rows


def add(world: World, login: str, role: str = "responder") -> Person:
    return people.add_person(login, login.title(), role, None, None, "en", BY, world.now)


def test_somebody_moves_to_a_department_and_the_journal_says_from_where(sqlite_world: World) -> None:
    sqlite_world.department("CERT")
    person = add(sqlite_world, "ann")
    add(sqlite_world, "root", "administrator")
    changes = {"name": "Ann", "role": "department", "department": "CERT"}
    personnel.change_person(person.id, changes, BY, sqlite_world.now)
    last = rows(Entry)[-1]
    assert last.verb == "person.changed"
    assert '"after":{"role":"department","department":"CERT"}' in str(last.detail)


def test_who_leaves_is_signed_out_everywhere(sqlite_world: World) -> None:
    add(sqlite_world, "root", "administrator")
    person = add(sqlite_world, "ann")
    token = people.open_session(person, sqlite_world.now)
    personnel.change_person(person.id, {"is_active": False}, BY, sqlite_world.now)
    assert live_session(people.hash_of(token), sqlite_world.now) is None
    personnel.change_person(person.id, {"is_active": True}, BY, sqlite_world.now)
    assert live_session(people.hash_of(token), sqlite_world.now) is None


@pytest.mark.parametrize("changes", [{"is_active": False}, {"role": "reader"}])
def test_the_last_administrator_stays(sqlite_world: World, changes: dict[str, object]) -> None:
    person_id = add(sqlite_world, "root", "administrator").id
    with pytest.raises(RuleError) as refused:
        personnel.change_person(person_id, changes, BY, sqlite_world.now)
    assert refused.value.code == "person.last_administrator"
    db.session.rollback()
    assert rows(Person)[0].is_active
    assert rows(Person)[0].role == "administrator"


def test_the_role_of_a_department_needs_one(sqlite_world: World) -> None:
    person_id = add(sqlite_world, "ann").id
    with pytest.raises(RuleError) as refused:
        personnel.change_person(person_id, {"role": "department", "department": None}, BY, sqlite_world.now)
    assert refused.value.code == "department.needed"
