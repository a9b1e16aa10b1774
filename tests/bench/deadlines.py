"""Benchmark of warnings of deadlines: 20,000 due at once, and a deadline of an hour that runs out meanwhile."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select, text

from incident import clock
from incident.actions.deadlines import clock_events, profiles
from incident.actions.directory import departments
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.operations import timers
from incident.core.deadlines.regimes import OrganizationProfile
from incident.jobs.scheduling.scheduler import BATCH
from incident.store.db.database import WRITE, Base, db
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from incident.web.instance import KEY
from tests.bench import seed
from tests.bench.table import Row

WARNINGS = 20_000
DEPARTMENTS = 40
CHUNK = 5_000
HOUR = dt.timedelta(hours=1)


def measure_warnings(folder: Path, count: int = WARNINGS) -> Iterator[Row]:
    """Measure with a new home.

    Args:
        folder: where the home is made.
        count: how many warnings come due at once.
    """
    home = folder / "warnings"
    home.mkdir(mode=0o700)
    app = seed.app_of(home)
    with app.app_context():
        yield from measure_on(app, count)
        db.session.remove()
        db.engine.dispose()


def measure_on(app: Flask, count: int) -> Iterator[Row]:
    """Measure within the context of an application whose database has no clocks."""
    now = clock.now()
    ring = app.extensions[KEY].ring
    for number in range(DEPARTMENTS):
        made = departments.add_department(f"w{number}", f"Department {number}", None, seed.BY, now)
        departments.add_contact(made.id, "desk", "inbox", None, 1, "en", None, ring, seed.BY, now)
    profiles.put_profile(OrganizationProfile("cii"), seed.BY, now)
    pattern = pattern_of(app, now)
    multiply(pattern, count, now)
    begun, fired, hour, was_late = time.monotonic(), 0, 0, None
    while left := timers.fire_due(clock.now(), BATCH).count:
        fired += left
        if not hour and fired >= count // 4:
            hour, at = _an_hour_runs_out(app), time.monotonic()
        elif hour and was_late is None and _is_warned(hour):
            was_late = time.monotonic() - at
    rate = fired / (time.monotonic() - begun)
    notices = db.session.scalar(select(func.count(Notice.id)).where(Notice.purpose == "deadline"))
    doubled = db.session.scalar(select(func.count(Notice.subject_id.distinct())).where(Notice.purpose == "deadline"))
    measured = f"{rate:,.0f}/s; {notices:,} notices of {doubled:,} clocks"
    is_met = rate >= 300 and notices == doubled == count + 1
    yield Row(f"{count:,} warnings of deadlines due at once", measured, "over 300/s, none lost or doubled", is_met)
    shown = "never" if was_late is None else f"{was_late * 1000:.0f} ms"
    is_met = was_late is not None and was_late < 2
    yield Row("a deadline of an hour that runs out meanwhile", shown, "within 2 s", is_met)


def _open(app: Flask, title: str, department: str, now: dt.datetime, aware_at: dt.datetime) -> int:
    new = NewIncident(title=title, departments=(department,))
    incident = incidents.open_incident(new, seed.BY, now, app.extensions[KEY].settings.zone)
    clock_events.put_awareness(incident.id, aware_at, "Li Wei", "alarm", None, seed.BY, now)
    return incident.id


def pattern_of(app: Flask, now: dt.datetime) -> dict[type[Base], dict[str, Any]]:
    """An incident whose clock has half its time behind it: the rows to make many of."""
    incident_id = _open(app, "Measured", "w0", now, now)
    wanted = select(IncidentClock).where(IncidentClock.incident_id == incident_id, IncidentClock.due_at.is_not(None))
    its_clock = db.session.scalars(wanted).one()
    on_it = db.session.scalars(select(IncidentDepartment).where(IncidentDepartment.incident_id == incident_id)).one()
    timer = db.session.scalars(select(Timer).where(Timer.subject_type == "clock")).one()
    rows: tuple[Base, ...] = (db.session.get_one(Incident, incident_id), on_it, its_clock, timer)
    found: dict[type[Base], dict[str, Any]] = {
        type(row): {column.name: getattr(row, column.name) for column in row.__table__.columns} for row in rows
    }
    db.session.rollback()
    return found


def multiply(pattern: dict[type[Base], dict[str, Any]], count: int, now: dt.datetime) -> None:
    """Create incidents with a clock each, all of which come due now; the pattern is one of them."""
    start_at, due_at = now - 12 * HOUR, now + 12 * HOUR
    times = {"start_at": start_at, "due_at": due_at, "lawful_at": due_at, "warn_at": now}
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    for name, value in times.items():
        setattr(db.session.get_one(IncidentClock, pattern[IncidentClock]["id"]), name, value)
    db.session.get_one(Timer, pattern[Timer]["id"]).due_at = now
    first = [(db.session.scalar(select(func.max(table.id))) or 0) for table in (Incident, IncidentClock, Timer)]
    one, clock_row = pattern[Incident], pattern[IncidentClock]
    for begin in range(1, count, CHUNK):
        numbers = range(begin, min(begin + CHUNK, count))
        made: dict[type[Base], list[dict[str, Any]]] = {table: [] for table in pattern}
        for at in numbers:
            ids = [key + at for key in first]
            made[Incident].append(one | {"id": ids[0], "number": f"INC-1999-{at:06d}"})
            department_id = pattern[IncidentDepartment]["department_id"] + at % DEPARTMENTS
            made[IncidentDepartment].append({"incident_id": ids[0], "department_id": department_id, "place": 0})
            made[IncidentClock].append(clock_row | times | {"id": ids[1], "incident_id": ids[0]})
            its = {"id": ids[2], "subject_id": ids[1], "incident_id": ids[0], "due_at": now}
            made[Timer].append(pattern[Timer] | its)
        for table, rows in made.items():
            db.session.execute(insert(table), rows)
    if db.engine.dialect.name == "postgresql":
        for table in (Incident, IncidentClock, Timer):
            name = table.__tablename__
            latest = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
            db.session.execute(text(latest))
    db.session.commit()


def _an_hour_runs_out(app: Flask) -> int:
    """Make a deadline of an hour that has just run out, known at its start; return its clock."""
    now = clock.now()
    incident_id = _open(app, "An hour", "w1", now, now - HOUR)
    wanted = select(IncidentClock.id).where(IncidentClock.incident_id == incident_id, IncidentClock.due_at.is_not(None))
    found = db.session.scalars(wanted).one()
    db.session.rollback()
    return found


def _is_warned(clock_id: int) -> bool:
    wanted = select(Notice.id).where(Notice.subject_type == "clock", Notice.subject_id == clock_id)
    found = db.session.scalar(wanted) is not None
    db.session.rollback()
    return found
