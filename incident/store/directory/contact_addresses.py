"""The contacts that a notification uses: of levels of departments, and of people; with the devices of those people."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_, select, union
from sqlalchemy.orm import aliased

from incident.core.notifications.message import PUSH
from incident.store.db.database import db
from incident.store.db.prepared import fetch_all
from incident.store.directory.departments import Contact


class ContactAddress(NamedTuple):
    """A contact with the columns that a notification needs."""

    id: int
    name: str
    channel: str


_OWNER = aliased(Contact)


def _beside_owner(is_chosen: Callable[[type[Contact]], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the condition on contacts of departments that are chosen, and on the devices of their people."""
    owners = select(_OWNER.person_id).where(
        is_chosen(_OWNER), _OWNER.channel != PUSH, _OWNER.person_id.is_not(None), _OWNER.switched_off_at.is_(None)
    )
    chosen = or_(
        and_(is_chosen(Contact), Contact.channel != PUSH), and_(Contact.channel == PUSH, Contact.person_id.in_(owners))
    )
    return and_(chosen, Contact.switched_off_at.is_(None))


_DEVICES = and_(
    Contact.channel == PUSH,
    Contact.switched_off_at.is_(None),
    Contact.person_id == _OWNER.person_id,
    _OWNER.channel != PUSH,
    _OWNER.switched_off_at.is_(None),
)
"""Devices beside a contact of their owner; joined and not looked up in an OR, which PostgreSQL reads without index."""

_AT_LEVEL = union(
    select(Contact.id, Contact.name, Contact.channel).where(
        Contact.department_id == bindparam("department_id"),
        Contact.level == bindparam("level"),
        Contact.channel != PUSH,
        Contact.switched_off_at.is_(None),
    ),
    select(Contact.id, Contact.name, Contact.channel).where(
        _DEVICES, _OWNER.department_id == bindparam("department_id"), _OWNER.level == bindparam("level")
    ),
).order_by("id")


def contacts_at(department_id: int, level: int) -> Sequence[ContactAddress]:
    """Return the contacts of one level and the devices of their people, without disabled ones."""
    found = fetch_all(db.session.connection(), _AT_LEVEL, department_id=department_id, level=level)
    return [ContactAddress(*row) for row in found]


_OF_DEPARTMENTS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_DESKS = union(
    select(Contact.department_id, Contact.level, Contact.id, Contact.name, Contact.channel).where(
        Contact.department_id.in_(_OF_DEPARTMENTS), Contact.channel != PUSH, Contact.switched_off_at.is_(None)
    ),
    select(_OWNER.department_id, _OWNER.level, Contact.id, Contact.name, Contact.channel).where(
        _DEVICES, _OWNER.department_id.in_(_OF_DEPARTMENTS)
    ),
).order_by("id")


def desks_of(department_ids: Collection[int]) -> dict[tuple[int, int], list[ContactAddress]]:
    """Return the contacts of several departments by department and level, with one query, as `contacts_at` does."""
    found: dict[tuple[int, int], list[ContactAddress]] = {}
    parameters = {"ids": list(department_ids)}
    for row in db.session.connection().execute(_DESKS, parameters):
        found.setdefault((row[0], row[1]), []).append(ContactAddress(row[2], row[3], row[4]))
    return found


def contacts_of_people(department_id: int, person_ids: Collection[int]) -> dict[int, list[ContactAddress]]:
    """Return the contacts of each of these people, in their order: those in the department, else those in any."""
    found = contacts_of_members([(department_id, person_id) for person_id in person_ids])
    return {person_id: found[department_id, person_id] for person_id in person_ids}


def contacts_of_members(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[ContactAddress]]:
    """Return the contacts of people of several departments, given as pairs of both, with one query."""
    wanted = (
        select(Contact.person_id, Contact.department_id, Contact.id, Contact.name, Contact.channel)
        .where(Contact.person_id.in_({person_id for _, person_id in pairs}), Contact.switched_off_at.is_(None))
        .order_by(Contact.id)
    )
    contacts: dict[int, list[tuple[int, ContactAddress]]] = {}
    for row in db.session.execute(wanted) if pairs else ():
        contacts.setdefault(row.person_id, []).append(
            (row.department_id, ContactAddress(row.id, row.name, row.channel))
        )
    return {
        (department_id, person_id): _near(contacts.get(person_id, []), department_id)
        for department_id, person_id in pairs
    }


def _near(contacts: Sequence[tuple[int, ContactAddress]], department_id: int) -> list[ContactAddress]:
    """Return those contacts of a person that belong to a department, else all; their devices belong to each."""
    devices = [contact for _, contact in contacts if contact.channel == PUSH]
    others = [(of, contact) for of, contact in contacts if contact.channel != PUSH]
    return ([contact for of, contact in others if of == department_id] or [contact for _, contact in others]) + devices


def addresses_of_people(channel: str) -> Sequence[tuple[int, str]]:
    """Return ids of people and their addresses of a channel, of contacts that are not disabled."""
    wanted = select(Contact.person_id, Contact.address).where(
        Contact.person_id.is_not(None), Contact.channel == channel, Contact.switched_off_at.is_(None)
    )
    return [(row.person_id, row.address) for row in db.session.execute(wanted) if row.address]


def contacts_up_to(department_id: int, level: int) -> Sequence[Contact]:
    """Return the contacts that have been notified when a notice is at `level`, and the devices of their people."""
    wanted = select(Contact).where(_beside_owner(lambda of: and_(of.department_id == department_id, of.level <= level)))
    return db.session.scalars(wanted.order_by(Contact.level, Contact.id)).all()
