"""Benchmarks of one machine against two on PostgreSQL: incidents opened, due timers fired."""

import contextlib
import datetime as dt
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, update

from incident import clock
from incident.actions.directory import departments, tokens
from incident.core.notifications.policy import Policy
from incident.keyring import KeyRing
from incident.store.db.database import WRITE, db
from incident.store.notifications.messages import WAITING, Message
from incident.store.playbooks.timers import Timer
from incident.web.instance import KEY
from tests import postgres
from tests.bench import client, seed, server
from tests.bench.table import Row

SECONDS = 2.0
ROUNDS = 7
AT_ONCE = 8
FEWEST_TIMERS = 2_000
FIRE_LIMIT = 120.0


def measure_nodes(folder: Path, seconds: float = SECONDS, timers: int = FEWEST_TIMERS) -> Iterator[Row]:
    """Measure with a separate PostgreSQL that waits for its disk.

    Args:
        folder: where the homes are made.
        seconds: how long incidents are opened in each of some rounds.
        timers: how many at least come due at once.
    """
    with postgres.running(is_durable=True) as database:
        homes = [folder / "node-1", folder / "node-2"]
        for home in homes:
            home.mkdir(mode=0o700)
        url = database.create("bench")
        app = seed.app_of(homes[0], url)
        (homes[1] / "keys.json").write_bytes((homes[0] / "keys.json").read_bytes())
        with app.app_context():
            token = _furnish(app)
            _let_go()
        fired = []
        for count in (1, 2):
            with contextlib.ExitStack() as running:
                nodes = [running.enter_context(server.serving(home, url)) for home in homes[:count]]
                client.load(nodes[-1].port, _posting(token), 4 * AT_ONCE, 3.0)
                fired.append(_fired(app, token, nodes, timers))
                if count == 2:
                    alone, together = _opened(app, [node.port for node in nodes], token, seconds)
    gain = together / alone
    measured = f"{alone:,.0f}/s by one node, {together:,.0f}/s by two ({gain:.2f} times)"
    yield Row("POST /incidents on PostgreSQL, 8 at once", measured, "two are not slower than one", gain >= 0.95)
    gain = fired[1] / fired[0]
    measured = f"{fired[0]:,.0f}/s by one node, {fired[1]:,.0f}/s by two ({gain:.2f} times)"
    yield Row("escalations due at once on PostgreSQL", measured, "two are faster than one", gain > 1.05)


def _furnish(app: Flask) -> str:
    """A department without people; messages stay on this machine."""
    ring: KeyRing = app.extensions[KEY].ring
    now = clock.now()
    made = departments.add_department("net", "Network", None, seed.BY, now)
    policy = Policy.from_json({"levels": [{"wait": "PT24H"}, {"wait": "PT24H"}], "repeat": 3})
    departments.put_policy(made.id, policy, None, seed.BY, now)
    for level in (1, 2):
        departments.add_contact(made.id, f"Desk {level}", "inbox", None, level, "en", None, ring, seed.BY, now)
    return tokens.make_token("bench", "coordinator", None, seed.BY, now).secret


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def _posting(token: str) -> Callable[[int], bytes]:
    def make(count: int) -> bytes:
        body = {"title": f"Measured {count}", "departments": ["net"]}
        return client.request("POST", "/api/v1/incidents", token, json.dumps(body).encode())

    return make


def _opened(app: Flask, ports: list[int], token: str, seconds: float) -> tuple[float, float]:
    """Incidents per second with one node and with all, in turns, with the same number of clients."""
    client.load(ports, _posting(token), 4 * AT_ONCE, 3.0)
    rates: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for found, asked in zip(rates, (ports[:1], ports), strict=True):
            _wait_until_sent(app)
            found.append(client.load(asked, _posting(token), AT_ONCE, seconds).rate)
    return statistics.median(rates[0]), statistics.median(rates[1])


def _wait_until_sent(app: Flask) -> None:
    """Wait until no message is pending, because sending would be measured too."""
    until = time.monotonic() + FIRE_LIMIT
    with app.app_context():
        while time.monotonic() < until and db.session.scalar(select(func.count()).select_from(Message).where(WAITING)):
            db.session.rollback()
            time.sleep(0.1)
        _let_go()


def _fired(app: Flask, token: str, nodes: list[server.Running], count: int) -> float:
    """Timers a second from when all are due."""
    _wait_until_sent(app)
    with app.app_context():
        if (there := _pending()) < count:
            client.load(nodes[0].port, _posting(token), AT_ONCE, 0.0, most=count - there, least=count - there)
        due_at = clock.now() + dt.timedelta(seconds=1)
        db.session.connection(execution_options={WRITE: True})
        db.session.execute(update(Timer).where(Timer.state == "pending").values(due_at=due_at))
        db.session.commit()
        total = _pending()
        while clock.now() < due_at:
            time.sleep(0.005)
        began = time.monotonic()
        while (left := _pending(due_at)) and time.monotonic() < began + FIRE_LIMIT:
            time.sleep(0.05)
        rate = (total - left) / (time.monotonic() - began)
        _let_go()
        return rate


def _pending(due_at: dt.datetime | None = None) -> int:
    wanted = select(func.count()).where(Timer.state == "pending")
    found = db.session.scalar(wanted if due_at is None else wanted.where(Timer.due_at <= due_at)) or 0
    db.session.rollback()
    return found
