"""Members of a department: its head, its deputies, and others."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from incident.actions.notifications.unreached import notify_unreached
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.store.db.database import db
from incident.store.directory import members, people
from incident.store.directory.departments import Department
from incident.store.directory.members import Member


class NamedMember(NamedTuple):
    """A person by login, and the position in the department: `head`, `deputy` or `member`."""

    person: str
    position: str


def put_members(
    department_id: int, named: Sequence[NamedMember], version: int | None, by: str, now: dt.datetime
) -> Department:
    """Replace the members of a department, in their order.

    Args:
        department_id: the department.
        named: its people; the order is that in which deputies are notified.
        version: the version of the department that the caller has read; None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `version.stale` (conflict), and at each place `person.unknown`, `member.twice`.
    """
    with transaction(by, now) as uow:
        department = put_members_in(uow, department_id, named, version)
    notify_unreached(department_id, by, now)
    return department


def put_members_in(
    uow: UnitOfWork, department_id: int, named: Sequence[NamedMember], version: int | None
) -> Department:
    """Replace the members of a department within the caller's transaction; see `put_members`."""
    department = db.session.get_one(Department, department_id, with_for_update=True, populate_existing=True)
    refuse_stale(department.version, version)
    before = [{"person": one.person.login, "position": one.position} for one in members.members_of(department_id)]
    known = {person.login: person for person in people.by_logins([one.person for one in named])}
    raise_all(_faults(named, set(known)))
    members.remove_members(department_id)
    for place, one in enumerate(named):
        row = {"person_id": known[one.person].id, "position": one.position, "place": place}
        uow.insert(Member, department_id=department_id, **row)
    after = [one._asdict() for one in named]
    if before != after:
        department.version += 1
        uow.record("members.changed", f"department:{department.code}", {"before": before, "after": after})
    return department


def _faults(named: Sequence[NamedMember], known: set[str]) -> list[RuleError]:
    faults, seen = [], set()
    for index, one in enumerate(named):
        pointer = f"/members/{index}/person"
        if one.person not in known:
            faults.append(RuleError("person.unknown", {"login": one.person}, pointer=pointer))
        elif one.person in seen:
            faults.append(RuleError("member.twice", {"login": one.person}, pointer=pointer))
        seen.add(one.person)
    return faults
