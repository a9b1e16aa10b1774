"""Who answers for a department, on both databases."""

import datetime as dt

from incident.actions.directory import people
from incident.actions.notifications import on_duty as duty
from incident.store.db.database import db
from incident.store.directory import contact_addresses
from incident.store.directory.departments import Contact, Department
from incident.store.directory.members import Member
from incident.store.directory.people import Person
from incident.store.duty.rotas import DutyRota
from tests.world import BY, START, World

ROTA = {
    "rotations": [
        {"name": "weeks", "people": ["ann", "bob"], "starts_on": "2026-03-02", "every": "P7D", "handover": "08:30"}
    ]
}


def person(login: str) -> Person:
    return people.add_person(login, login.title(), "responder", None, None, "en", BY, START)


def department(world: World, code: str = "CERT", rota: object = None) -> Department:
    added = world.department(code)
    added = db.session.get_one(Department, added.id)
    added.timezone = "Asia/Shanghai"
    if rota is not None:
        db.session.add(DutyRota(department_id=added.id, document=rota, changed_at=START))
    db.session.commit()
    return added


def logins(found: tuple[Person, ...]) -> list[str]:
    return [one.login for one in found]


def test_who_is_on_duty_is_looked_up_for_a_moment_by_the_clock_of_the_department(world: World) -> None:
    person("ann")
    person("bob")
    cert = department(world, rota=ROTA)
    handover = dt.datetime(2026, 3, 9, 0, 30, tzinfo=dt.UTC)
    assert logins(duty.on_duty_at(cert, handover - dt.timedelta(seconds=1))) == ["ann"]
    assert logins(duty.on_duty_at(cert, handover)) == ["bob"]


def test_for_who_has_left_the_next_one_stands_in(world: World) -> None:
    person("bob")
    person("ann").is_active = False
    db.session.commit()
    found, on_duty = duty.duty_at(department(world, rota=ROTA), START)
    assert (logins(on_duty), [one.instead_of for one in found.because]) == (["bob"], ["ann"])


def test_without_a_rota_nobody_is_on_duty(world: World) -> None:
    assert duty.on_duty_at(department(world), START) == ()


def test_deputies_come_in_their_order_and_without_who_has_left(world: World) -> None:
    cert = department(world)
    ids = {login: person(login).id for login in ("cho", "ann", "bob", "head")}
    for place, (login, person_id) in enumerate(ids.items()):
        position = "head" if login == "head" else "deputy"
        db.session.add(Member(department_id=cert.id, person_id=person_id, position=position, place=place))
    db.session.flush()
    db.session.query(Person).filter_by(login="ann").one().is_active = False
    db.session.commit()
    assert logins(duty.members_at(cert.id, "deputy")) == ["cho", "bob"]
    assert logins(duty.members_at(cert.id, "head")) == ["head"]


def test_ways_to_a_person_are_those_of_the_department_else_those_of_any(world: World) -> None:
    here, there = department(world), department(world, "NOC")
    ann, bob, cho = (person(login).id for login in ("ann", "bob", "cho"))
    for of, owner, name in (
        (here, ann, "ann here"),
        (there, ann, "ann there"),
        (there, bob, "bob there"),
        (here, bob, "bob off"),
        (here, None, "desk"),
    ):
        contact = world.contact(of, name)
        row = db.session.get_one(Contact, contact.id)
        row.person_id = owner
        row.switched_off_at = START if name == "bob off" else None
        db.session.commit()
    found = contact_addresses.contacts_of_people(here.id, [bob, ann, cho])
    assert {owner: [one.name for one in ways] for owner, ways in found.items()} == {
        bob: ["bob there"],
        ann: ["ann here"],
        cho: [],
    }
    assert list(found) == [bob, ann, cho]
    assert contact_addresses.contacts_of_people(here.id, []) == {}
