"""Benchmarks of timers: lateness at 200 a second, and throughput of the engine with all due at once."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select

from incident import clock
from incident.actions.playbooks import runs
from incident.store.db.database import WRITE, db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer
from tests.bench.seed import BY, PLAYBOOK
from tests.bench.table import Row

STEADY = 2_000
STEADY_RATE = 200
BURST = 20_000
OPEN = 10
"""The id of an incident that is not closed."""

HEAD_START = dt.timedelta(seconds=3)
LOOK_EVERY = 0.002
PEERS = "healthchecks 41/s, 99/s tuned, median delay 1.1 s (timer to webhook)"


def measure_timers(app: Flask) -> Iterator[Row]:
    """Measure on a home whose clock runs in another process."""
    with app.app_context():
        pattern = _pattern()
        yield _steady(pattern)
        yield _burst(pattern)
        db.session.remove()
        db.engine.dispose()


def _pattern() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A run that waits for a task with a timeout: the rows to make many of."""
    run = runs.start_run(OPEN, PLAYBOOK["id"], {}, BY, clock.now())
    task = db.session.scalars(select(Task).where(Task.run_id == run.id)).one()
    timer = db.session.scalars(select(Timer).where(Timer.subject_type == "run", Timer.subject_id == run.id)).one()
    rows = tuple(
        {column.name: getattr(row, column.name) for column in row.__table__.columns} for row in (run, task, timer)
    )
    db.session.rollback()
    return rows  # type: ignore[return-value]


def _set(pattern: tuple[dict[str, Any], ...], due: list[dt.datetime]) -> int:
    """Create runs, tasks and timers by the pattern, each on a separate incident; return the first timer's id."""
    run, task, timer = pattern
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    first = [(db.session.scalar(select(func.max(table.id))) or 0) + 1 for table in (Run, Task, Timer)]
    numbers = range(len(due))
    seeded = db.session.scalar(select(func.count()).select_from(Incident)) or 1
    run_id, incident_id = (lambda at: first[0] + at), (lambda at: at % seeded + 1)
    document = json.loads(json.dumps(run["document"]))
    made = [run | {"id": run_id(at), "incident_id": incident_id(at), "document": document} for at in numbers]
    db.session.execute(insert(Run), made)
    made = [task | {"id": first[1] + at, "run_id": run_id(at), "incident_id": incident_id(at)} for at in numbers]
    db.session.execute(insert(Task), made)
    same = {"state": "pending"}
    made = [
        timer
        | same
        | {"id": first[2] + at, "subject_id": run_id(at), "incident_id": incident_id(at), "due_at": due[at]}
        for at in numbers
    ]
    db.session.execute(insert(Timer), made)
    db.session.commit()
    return first[2]


def _fired(first: int, count: int) -> int:
    wanted = select(func.count()).where(Timer.id.between(first, first + count - 1), Timer.state == "fired")
    found = db.session.scalar(wanted) or 0
    db.session.rollback()
    return found


def _steady(pattern: tuple[dict[str, Any], ...]) -> Row:
    begins_at = clock.now() + HEAD_START
    due = [begins_at + dt.timedelta(seconds=at / STEADY_RATE) for at in range(STEADY)]
    first = _set(pattern, due)
    late: list[float] = []
    until = time.monotonic() + STEADY / STEADY_RATE + 30
    while len(late) < STEADY and time.monotonic() < until:
        seen, now = _fired(first, STEADY), clock.now()
        late += [(now - moment).total_seconds() for moment in due[len(late) : seen]]
        time.sleep(LOOK_EVERY)
    late.sort()
    if len(late) < STEADY:
        return Row("timers: 200 due a second for 10 s", f"only {len(late)} fired", "p99 late < 250 ms", False)
    slowest = late[int(STEADY * 0.99)]
    measured = f"p50 {late[STEADY // 2] * 1000:.0f} ms late, p99 {slowest * 1000:.0f} ms"
    return Row("timers: 200 due a second for 10 s", measured, "p99 late < 250 ms", slowest < 0.25, peers=PEERS)


def _burst(pattern: tuple[dict[str, Any], ...]) -> Row:
    due_at = clock.now() + dt.timedelta(seconds=8)
    first = _set(pattern, [due_at] * BURST)
    until = time.monotonic() + 120
    while (seen := _fired(first, BURST)) < BURST and time.monotonic() < until:
        time.sleep(0.05)
    took = (clock.now() - due_at).total_seconds()
    rate = seen / took
    measured = f"{rate:,.0f}/s ({seen:,} in {took:.1f} s)"
    return Row("timers: 20,000 due at once, through the engine", measured, "over 1,000/s", rate > 1_000, peers=PEERS)
