"""Benchmarks of delivery: notices to a sink with 20 ms latency, an escalation storm, a single notice."""

import datetime as dt
import json
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, update

from incident import clock
from incident.actions.directory import departments, tokens
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.core.notifications.policy import Policy
from incident.keyring import KeyRing
from incident.store.db.database import WRITE, db
from incident.store.notifications.messages import Message
from incident.store.playbooks.timers import Timer
from incident.web.instance import KEY
from tests.bench import client, seed, server
from tests.bench.sink import Sink, receiving
from tests.bench.table import Row

CONTACTS = 50
ORIGINS = 4
NOTICES = 5_000
ESCALATIONS = 20_000
ALONE = 200
AT_ONCE = 4
IDLE_SECONDS = 6.0
STORM_LIMIT = 180
MEMORY_LIMIT = 350
PEERS = "healthchecks 41/s, 99/s tuned (timer to webhook)"


def measure_delivery(
    folder: Path, notices: int = NOTICES, escalations: int = ESCALATIONS, alone: int = ALONE
) -> Iterator[Row]:
    """Measure with a new home.

    Args:
        folder: where the home is made.
        notices: how many are sent.
        escalations: how many come due at once.
        alone: how many notices are sent one by one.
    """
    home = folder / "delivery"
    home.mkdir(mode=0o700)
    app = seed.app_of(home)
    with receiving(ORIGINS) as sink:
        with app.app_context():
            token = _furnish(app, sink)
            _tell(app, escalations)
            _count_as_sent()
            _tell(app, notices)
            db.session.remove()
            db.engine.dispose()
        with server.serving(home) as running:
            yield _sent(sink, notices)
            yield _alone(sink, running, token, alone)
            with app.app_context():
                yield from _storm(running, token, escalations)
                db.session.remove()
                db.engine.dispose()


def _furnish(app: Flask, sink: Sink) -> str:
    ring: KeyRing = app.extensions[KEY].ring
    now, policy = clock.now(), Policy.from_json({"levels": [{"wait": "PT24H"}, {"wait": "PT24H"}]})
    for number in range(CONTACTS):
        made = departments.add_department(f"d{number}", f"Department {number}", None, seed.BY, now)
        departments.put_policy(made.id, policy, None, seed.BY, now)
        secret = "whsec_" + secrets.token_urlsafe(24)[:32].replace("-", "a").replace("_", "b")
        for level in (1, 2):
            address = f"{sink.urls[number % ORIGINS]}/{number}/{level}"
            facts = (f"Hook {number}.{level}", "webhook", address, level, "en", secret)
            departments.add_contact(made.id, *facts, ring, seed.BY, now)
    return tokens.make_token("bench", "coordinator", None, seed.BY, now).secret


def _tell(app: Flask, notices: int) -> None:
    zone, codes = app.extensions[KEY].settings.zone, tuple(f"d{number}" for number in range(CONTACTS))
    for number in range(notices // CONTACTS):
        new = NewIncident(title=f"Measured {number}", departments=codes)
        incidents.open_incident(new, seed.BY, clock.now(), zone)


def _count_as_sent() -> None:
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    db.session.execute(update(Message).values(state="sent", ended_at=clock.now()))
    db.session.commit()


def _sent(sink: Sink, notices: int) -> Row:
    until = time.monotonic() + 120
    while (seen := sink.seen())["count"] < notices and time.monotonic() < until:
        time.sleep(0.2)
    moments = sorted(moment for moment, _ in seen["came"])
    rate = (len(moments) - 1) / (moments[-1] - moments[0])
    measured = f"{rate:,.0f}/s ({len(moments):,}, {seen['at_once']} at once at most)"
    is_met = rate >= 300 and len(moments) == notices
    what = f"{notices:,} notices to {CONTACTS} webhooks of {ORIGINS} origins that take 20 ms"
    return Row(what, measured, "over 300/s", is_met, peers=PEERS)


def _posting(token: str, prefix: str) -> Callable[[int], bytes]:
    def make(count: int) -> bytes:
        body = {"title": f"{prefix} {count}", "departments": [f"d{count % CONTACTS}"]}
        return client.request("POST", "/api/v1/incidents", token, json.dumps(body).encode())

    return make


def _alone(sink: Sink, running: server.Running, token: str, count: int) -> Row:
    time.sleep(2)
    sink.forget()
    make = _posting(token, "Alone")
    for number in range(count):
        client.once(running.port, make(number))
        time.sleep(0.05)
    time.sleep(1)
    came = sink.seen()["came"]
    late = sorted(moment - dt.datetime.fromisoformat(made).timestamp() for moment, made in came)
    slowest = late[min(len(late) - 1, int(len(late) * 0.99))]
    measured = f"p50 {late[len(late) // 2] * 1000:.0f} ms, p99 {slowest * 1000:.0f} ms"
    is_met = slowest < 0.3 and len(late) == count
    return Row("notice made to webhook received, idle", measured, "p99 under 300 ms", is_met)


def _storm(running: server.Running, token: str, escalations: int) -> Iterator[Row]:
    time.sleep(2)
    usual = client.load(running.port, _posting(token, "Idle"), AT_ONCE, IDLE_SECONDS).quantile(0.99)
    due_at, memory, times = clock.now() + dt.timedelta(seconds=1), 0.0, []
    _make_due(due_at, escalations)
    time.sleep(1)
    begun = time.monotonic()
    while (left := _due(due_at)) and time.monotonic() < begun + STORM_LIMIT:
        times += client.load(running.port, _posting(token, f"Storm {left}"), AT_ONCE, 1.0).times
        memory = max(memory, running.memory()[0])
    took = time.monotonic() - begun
    rate = (escalations - left) / took
    yield Row(f"{escalations:,} escalations due at once", f"{rate:,.0f}/s in {took:.1f} s", "over 500/s", rate >= 500)
    slowest = sorted(times)[int(len(times) * 0.99)]
    measured = f"p99 {slowest * 1000:.0f} ms, {slowest / usual:.1f} times the {usual * 1000:.0f} ms of idle"
    yield Row("POST /incidents beside it", measured, "p99 under 3 times", slowest < 3 * usual)
    wanted = f"under {MEMORY_LIMIT} MB"
    yield Row("memory of all processes in it", f"{memory:.0f} MB PSS", wanted, memory < MEMORY_LIMIT)


def _make_due(due_at: dt.datetime, escalations: int) -> None:
    """Have the first notices go on to their next level, all at one moment."""
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    db.session.execute(
        update(Timer)
        .where(Timer.subject_type == "notice", Timer.subject_id <= escalations, Timer.state == "pending")
        .values(due_at=due_at)
    )
    db.session.commit()


def _due(due_at: dt.datetime) -> int:
    wanted = select(func.count()).where(Timer.state == "pending", Timer.due_at <= due_at)
    found = db.session.scalar(wanted) or 0
    db.session.rollback()
    return found
