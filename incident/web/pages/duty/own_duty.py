"""The duty of the viewer in their own department: the shift that runs, and the next one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from incident.actions.notifications.on_duty import plan_of
from incident.core.duty.on_duty import Shift
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.web.instance import now
from incident.web.security.auth import require_caller

AHEAD: Final = dt.timedelta(days=28)
"""How far ahead the next shift is searched."""


@dataclass(frozen=True)
class OwnDuty:
    """The shift of the viewer that runs now and the next one; `others` are the people on duty now."""

    department: Department
    has_rota: bool = False
    running: Shift | None = None
    following: Shift | None = None
    others: Sequence[Person] = ()


def own_duty() -> OwnDuty | None:
    """Return the duty of the viewer, None for a program and for people without a department."""
    asking = require_caller()
    person = None if asking.person_id is None else db.session.get(Person, asking.person_id)
    department = None if asking.department_id is None else db.session.get(Department, asking.department_id)
    if person is None or department is None:
        return None
    plan = plan_of(department)
    if plan is None:
        return OwnDuty(department)
    shifts = [one for one in plan.shifts(now(), now() + AHEAD) if one.reason.person == person.login]
    running = next((one for one in shifts if one.start <= now()), None)
    following = next((one for one in shifts if one.start > now()), None)
    others = [one for one in plan.people_of(plan.on_duty(now())) if one.id != person.id]
    return OwnDuty(department, True, running, following, others)
