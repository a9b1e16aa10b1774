"""A department with its people: duty, deputies, head, their contacts, and a parent department."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from incident.actions.directory import departments, people
from incident.core.notifications.policy import Policy
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.store.directory.members import Member
from incident.store.directory.people import Person
from incident.store.duty.rotas import DutyRota
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from tests.world import BY, START, World, rows

DUTY_FIRST = [
    {"wait": "PT5M", "notify": ["duty"]},
    {"wait": "PT10M", "notify": ["deputy"]},
    {"wait": "PT15M", "notify": ["head"]},
    {"wait": "PT20M", "notify": ["parent"]},
]
"""Levels as most departments have them."""


def person(world: World, login: str, of: Department | None = None) -> Person:
    """Add a person; the login is the lower-case name."""
    role, code = ("department", of.code) if of is not None else ("responder", None)
    return people.add_person(login, login.title(), role, code, None, "en", BY, world.now)


def personal_contact(world: World, of: Department, owner: Person, channel: str = "sms", level: int = 20) -> Contact:
    """Add a contact of a person, named after both."""
    address = "+8613800138000" if channel == "sms" else f"{owner.login}@example.org"
    name = f"{owner.login} {channel}"
    if channel == "webhook":
        address = f"https://example.org/{owner.login}"
    added = world.contact(of, name, level, channel, address)
    db.session.get_one(Contact, added.id).person_id = owner.id
    db.session.commit()
    return added


def rota(of: Department, *logins: str, **more: Any) -> None:
    """Let people alternate daily, the first one on the first day of the year."""
    turn = {"name": "days", "people": list(logins), "starts_on": "2026-01-01", "every": "P1D", "handover": "00:00"}
    put_rota(of, {"rotations": [turn | more]})


def put_rota(of: Department, document: Mapping[str, Any]) -> None:
    """Set the rota of a department."""
    row = db.session.get(DutyRota, of.id)
    if row is None:
        row = DutyRota(department_id=of.id, document=dict(document), changed_at=START)
        db.session.add(row)
    row.document = dict(document)
    db.session.commit()


def member(of: Department, who: Person, position: str) -> None:
    """Make a person head or deputy of a department."""
    count = len(rows(Member, department_id=of.id))
    db.session.add(Member(department_id=of.id, person_id=who.id, position=position, place=count))
    db.session.commit()


def policy(world: World, of: Department, levels: Sequence[Mapping[str, Any]], **more: Any) -> None:
    """Set the policy of a department."""
    document = {"levels": [dict(level) for level in levels], **more}
    departments.put_policy(of.id, Policy.from_json(document), None, BY, world.now)


def staffed(world: World, code: str = "net", parent: str | None = None) -> Department:
    """Add a department with a person on duty, a deputy and a head, each with a contact by text message."""
    added = departments.add_department(code, f"Department {code}", parent, BY, world.now)
    for what in ("duty", "deputy", "head"):
        who = person(world, f"{code}-{what}", added)
        personal_contact(world, added, who)
        if what == "duty":
            rota(added, who.login)
        else:
            member(added, who, what)
    policy(world, added, DUTY_FIRST)
    return added


def notified(now: dt.datetime | None = None) -> list[str]:
    """The contacts of the written messages, in order; only of messages due by `now`."""
    names = {contact.id: contact.name for contact in rows(Contact)}
    found = [one for one in rows(Message) if now is None or one.next_attempt_at <= now]
    return [names[one.contact_id] for one in found]


def last_entry(event_type: str) -> Entry:
    """The newest entry of an event type."""
    return rows(Entry, event_type=event_type)[-1]
