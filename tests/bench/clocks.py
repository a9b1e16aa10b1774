"""Benchmark of statutory clocks: the rule over all regimes, and the list of those that run, due next first."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from incident import clock
from incident.actions.deadlines import profiles
from incident.actions.directory import departments, tokens
from incident.app import create_app, migrate
from incident.config import Settings
from incident.core.deadlines.clocks import ClockEvent, ClockFacts, clocks
from incident.core.deadlines.regimes import RECORDED_EVENTS, OrganizationProfile
from incident.data.reporting_regimes import shipped_regimes
from incident.data.working_calendars import shipped
from incident.store.db.database import WRITE, db
from incident.store.deadlines.clock_rows import IncidentClock
from incident.web.instance import KEY
from tests.bench import seed
from tests.bench.deadlines import DEPARTMENTS, multiply, pattern_of
from tests.bench.table import Row

EVENTS = 50
ROUNDS = 400
INCIDENTS = 10_000
CLOCKS_EACH = 5
CHUNK = 10_000
REQUESTS = 300
AT = dt.datetime(2026, 11, 28, 3, tzinfo=dt.UTC)


def measure_clocks(folder: Path, count: int = INCIDENTS) -> Iterator[Row]:
    """Measure with a new home.

    Args:
        folder: where the home is made.
        count: how many incidents have running clocks.
    """
    yield _rule()
    home = folder / "clocks"
    home.mkdir(mode=0o700)
    app = create_app(
        Settings(home=home, database_url=f"sqlite:///{home / 'incident.db'}", timezone="UTC"), has_clock=True
    )
    migrate(app)
    with app.app_context():
        _fill(app, count)
        secret = tokens.make_token("bench", "coordinator", None, seed.BY, clock.now()).secret
        db.session.remove()
    yield _list(app, secret, count * CLOCKS_EACH)
    with app.app_context():
        db.engine.dispose()


def _rule() -> Row:
    kinds = ("aware", *RECORDED_EVENTS)
    events = [ClockEvent(kinds[at % len(kinds)], AT + dt.timedelta(minutes=at)) for at in range(EVENTS)]
    facts, regimes, calendars = ClockFacts(2, 1, {}), list(shipped_regimes().values()), shipped()
    took = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        found = [one for regime in regimes for one in clocks(regime, facts, events, calendars)]
        took.append(time.process_time() - begun)
    p95 = sorted(took)[int(ROUNDS * 0.95)] * 1000
    shown = f"p95 {p95:.1f} ms of CPU; {len(found)} clocks"
    return Row(
        f"clocks of {len(regimes)} regimes with {EVENTS} events", shown, "p95 under 5 ms", p95 < 5 and bool(found)
    )


def _fill(app: Flask, count: int) -> None:
    now, ring = clock.now(), app.extensions[KEY].ring
    for number in range(DEPARTMENTS):
        made = departments.add_department(f"w{number}", f"Department {number}", None, seed.BY, now)
        departments.add_contact(made.id, "desk", "inbox", None, 1, "en", None, ring, seed.BY, now)
    profiles.put_profile(OrganizationProfile("cii"), seed.BY, now)
    pattern = pattern_of(app, now)
    multiply(pattern, count, now)
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    columns = [column.name for column in IncidentClock.__table__.columns]
    kept = db.session.execute(select(IncidentClock).where(IncidentClock.due_at.is_not(None))).scalars().all()
    more: list[dict[str, Any]] = []
    for row in kept:
        its = {name: getattr(row, name) for name in columns if name != "id"}
        more += [
            its | {"n": n, "due_at": its["due_at"] + n * (row.id % 97) * dt.timedelta(minutes=1)} for n in (2, 3, 4, 5)
        ]
    for begin in range(0, len(more), CHUNK):
        db.session.execute(insert(IncidentClock), more[begin : begin + CHUNK])
    db.session.commit()


def _list(app: Flask, secret: str, count: int) -> Row:
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    took, cursor, rows = [], "", 0
    for _ in range(REQUESTS):
        begun = time.monotonic()
        answer = client.get(f"/api/v1/clocks?limit=50{cursor}", headers=headers)
        took.append(time.monotonic() - begun)
        page = answer.get_json()
        rows += len(page["items"])
        cursor = f"&cursor={page['next']}" if page["next"] else ""
    p99 = sorted(took)[int(REQUESTS * 0.99) - 1] * 1000
    is_met = p99 < 50 and rows == REQUESTS * 50
    return Row(
        f"list of {count:,} running clocks, 50 a page", f"p99 {p99:.1f} ms; {rows:,} rows", "p99 under 50 ms", is_met
    )
