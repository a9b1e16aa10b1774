"""People on duty and members of a department, looked up when they are needed."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from incident.core.duty import on_duty as duty
from incident.core.duty.daytime import WORKING_HOURS, WallClock, read_span
from incident.core.duty.on_duty import Duty
from incident.core.duty.rota import Rota
from incident.core.duty.working_calendar import PLAIN, WorkingCalendar
from incident.store.db.database import db
from incident.store.directory import members, people
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.duty import rotas
from incident.store.duty.rotas import DutyRota

CALENDARS = "incident_calendars"
"""Execution option of an application's engine: the working calendars of this instance by name."""

LOOK_AHEAD = dt.timedelta(days=92)
"""How far ahead the end of a shift is searched."""


def use_calendars(engine: Engine, calendars: Mapping[str, WorkingCalendar]) -> None:
    """Set the working calendars of an application's engine, once."""
    engine.update_execution_options(**{CALENDARS: calendars})


def calendars() -> Mapping[str, WorkingCalendar]:
    """Return the working calendars of this instance by name."""
    found: Mapping[str, WorkingCalendar] = db.engine.get_execution_options().get(CALENDARS, {})
    return found


def is_zone(name: str) -> bool:
    """Whether a time zone of this name is known (IANA)."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def calendar_of(department: Department) -> WorkingCalendar:
    """Return the working calendar of a department; the plain one when its file is gone."""
    return calendars().get(department.calendar, PLAIN)


def wall_clock_of(department: Department) -> WallClock:
    """Return the local clock of a department: its zone, its calendar and its working hours."""
    hours = WORKING_HOURS if department.working_hours is None else read_span(department.working_hours, "/working_hours")
    return WallClock(ZoneInfo(department.timezone), calendar_of(department).is_working_day, hours)


@dataclass(frozen=True)
class Plan:
    """All data that decides who is on duty in a department: its rota, calendar and zone, and former people."""

    rota: Rota
    calendar: WorkingCalendar
    zone: ZoneInfo
    people: Mapping[str, Person]
    absent: frozenset[str]

    def on_duty(self, at: dt.datetime) -> Duty:
        """Return the people on duty at a moment (UTC), and why."""
        return duty.on_duty(self.rota, self.calendar, self.zone, at, self.absent)

    def people_of(self, found: Duty) -> tuple[Person, ...]:
        """Return the people of a duty, the one who decides first."""
        return tuple(self.people[login] for login in found.people)

    def shifts(self, start: dt.datetime, end: dt.datetime) -> tuple[duty.Shift, ...]:
        """Return every shift between two moments (UTC)."""
        return duty.shifts(self.rota, self.calendar, self.zone, start, end, self.absent)

    def until(self, at: dt.datetime) -> dt.datetime | None:
        """Return when the duty of a moment (UTC) ends; None when it does not within 92 days."""
        horizon = at + LOOK_AHEAD
        found = next(duty.stretches(self.rota, self.calendar, self.zone, at, horizon, self.absent))
        return None if found.end == horizon else found.end

    def gaps(self, start: dt.datetime, end: dt.datetime) -> tuple[duty.Gap, ...]:
        """Return the gaps in duty between two moments (UTC)."""
        return duty.gaps(self.rota, self.calendar, self.zone, start, end, self.absent)


def plan_of(department: Department) -> Plan | None:
    """Return the duty plan of a department, None when it has no rota."""
    row = rotas.rota_of(department.id)
    return None if row is None else _plans([department], {department.id: row})[department.id]


def plan_with(department: Department, rota: Rota) -> Plan:
    """Return the duty plan that a department would have with another rota."""
    logins = {login for login, _ in rota.named()}
    known = {person.login: person for person in people.active_by_logins(logins)}
    absent = frozenset(logins - known.keys())
    return Plan(rota, calendar_of(department), ZoneInfo(department.timezone), known, absent)


def plans_of(found: Collection[Department]) -> dict[int, Plan]:
    """Return the duty plans of those departments that have a rota, with one query for each table."""
    return _plans(found, rotas.rotas_of({one.id for one in found}))


def _plans(found: Collection[Department], rows: Mapping[int, DutyRota]) -> dict[int, Plan]:
    read = {department_id: Rota.from_json(row.document) for department_id, row in rows.items()}
    logins = {department_id: {login for login, _ in rota.named()} for department_id, rota in read.items()}
    known = {person.login: person for person in people.active_by_logins(set().union(*logins.values()))}
    plans = {}
    for one in found:
        if one.id in read:
            active = {login: known[login] for login in logins[one.id] & known.keys()}
            absent = frozenset(logins[one.id] - active.keys())
            plans[one.id] = Plan(read[one.id], calendar_of(one), ZoneInfo(one.timezone), active, absent)
    return plans


def empty_plan(department: Department) -> Plan:
    """Return the plan of a department without a rota: one long gap."""
    return Plan(Rota(), calendar_of(department), ZoneInfo(department.timezone), {}, frozenset())


def expected_years(department: Department, start: dt.datetime, end: dt.datetime) -> list[int]:
    """Return the years between two moments whose working days are only expected, as yet unpublished."""
    zone, calendar = ZoneInfo(department.timezone), calendar_of(department)
    years = range(start.astimezone(zone).year, end.astimezone(zone).year + 1)
    return [year for year in years if not calendar.is_known(year)]


def duty_at(department: Department, at: dt.datetime) -> tuple[Duty, tuple[Person, ...]]:
    """Return the duty of a department at a moment (UTC), also as people; a gap without a rota."""
    plan = plan_of(department)
    if plan is None:
        return Duty(), ()
    found = plan.on_duty(at)
    return found, plan.people_of(found)


def on_duty_at(department: Department, at: dt.datetime) -> tuple[Person, ...]:
    """Return the people on duty in a department at a moment (UTC), the one who decides first; may be empty."""
    return duty_at(department, at)[1]


def members_at(department_id: int, position: str) -> tuple[Person, ...]:
    """Return the active people of a department who are `head`, `deputy` or `member`, in their order."""
    return tuple(members.people_at(department_id, position))
