"""Hand over a shift with what is open at that moment, and confirm that one has taken it over."""

import datetime as dt
from collections.abc import Sequence
from typing import cast

from incident.actions.notifications.on_duty import Plan, plan_of
from incident.actions.unit_of_work import IdempotentRequest, transaction
from incident.core.duty.handover import require_confirmable, require_receiver
from incident.core.values.access import Role, viewer_of
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory import members
from incident.store.directory.departments import Department
from incident.store.directory.people import Person, person_by_login
from incident.store.duty.handovers import ShiftHandover, lock_handover
from incident.store.queries.handover_lists import Lists, handover_lists


def officers_of(department: Department) -> Sequence[Person]:
    """Return the active people who can be on duty in a department: those in its rota, then its other members."""
    plan = plan_of(department)
    found = {} if plan is None else {one.id: one for one in sorted(plan.people.values(), key=lambda one: one.name)}
    found |= {one.person_id: one.person for one in members.members_of(department.id) if one.person.is_active}
    return list(found.values())


def next_officer(department: Department, giver: Person, at: dt.datetime) -> Person | None:
    """Return who is on duty after a person by the rota, None when it does not say.

    This is the person on duty now if the giver is not, else the one on duty after the present shift.
    """
    plan = plan_of(department)
    if plan is None:
        return None
    return _other(plan, giver, at) or _following(plan, giver, at)


def _other(plan: Plan, giver: Person, at: dt.datetime) -> Person | None:
    people = plan.people_of(plan.on_duty(at))
    return None if giver in people else next(iter(people), None)


def _following(plan: Plan, giver: Person, at: dt.datetime) -> Person | None:
    until = plan.until(at)
    return (
        None if until is None else next((one for one in plan.people_of(plan.on_duty(until)) if one is not giver), None)
    )


def lists_of(department: Department, giver: Person, receiver: Person | None) -> Lists:
    """Return what a person would hand over now: only what both may see."""
    viewers = [viewer_of(one.role, one.department_id, one.id) for one in (giver, receiver) if one is not None]
    return handover_lists(viewers, giver.id, department.id)


def hand_over(
    department: Department,
    giver: Person,
    to: str,
    note: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> ShiftHandover:
    """Hand over the shift of a department to a person, who confirms it.

    Args:
        department: the department.
        giver: who hands over.
        to: the login of the person who takes over.
        note: what they must know.
        by: the giver as the actor of the journal.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.

    Raises:
        RuleError: `handover.not_of_department`, `handover.unknown_person`, `handover.to_oneself`,
            `handover.cannot_answer`.
    """
    with transaction(by, now, idempotency) as uow:
        receiver = _receiver(department, giver, to)
        row = uow.add(
            ShiftHandover(
                department_id=department.id,
                from_person_id=giver.id,
                to_person_id=receiver.id,
                note=note,
                snapshot=dict(lists_of(department, giver, receiver)),
                handed_at=now,
            )
        )
        uow.flush()
        detail = {"department": department.code, "to": receiver.login}
        uow.record("handover.given", f"handover:{row.id}", detail)
        uow.store_response(row)
        return row


def _receiver(department: Department, giver: Person, to: str) -> Person:
    officers = {one.id for one in officers_of(department)}
    if giver.id not in officers and giver.department_id != department.id:
        raise RuleError("handover.not_of_department", pointer="/department")
    found = person_by_login(to) if to.isprintable() else None
    if found is None or not (found.id in officers or found.department_id == department.id):
        raise RuleError("handover.unknown_person", pointer="/to")
    require_receiver(giver.id, found.id, cast(Role, found.role), is_active=found.is_active)
    return found


def confirm_handover(handover_id: int, person_id: int | None, by: str, now: dt.datetime) -> ShiftHandover:
    """Confirm that one has taken over a shift.

    Raises:
        RuleError: `handover.for_another`, `handover.confirmed` (conflict).
    """
    with transaction(by, now) as uow:
        row = lock_handover(handover_id) or db.session.get_one(ShiftHandover, handover_id)
        require_confirmable(row.to_person_id, person_id, row.confirmed_at)
        row.confirmed_at = now
        uow.record("handover.confirmed", f"handover:{row.id}")
        return row
