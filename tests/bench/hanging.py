"""Benchmarks of delivery beside hanging receivers: the delay of a new contact."""

import datetime as dt
import json
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from flask import Flask

from incident import clock
from incident.actions.directory import departments, tokens
from incident.core.notifications.policy import Policy
from incident.store.db.database import db
from incident.web.instance import KEY
from tests.bench import client, seed, server
from tests.bench.sink import Sink, receiving
from tests.bench.table import Row

HANGING = 100
NEW = 12
PAUSE = 0.7
LIMIT = 30.0


def measure_hanging(folder: Path, origins: int = HANGING, new: int = NEW) -> Iterator[Row]:
    """Measure with a new home.

    Args:
        folder: where the home is made.
        origins: how many accept connections and never answer.
        new: how many contacts are notified meanwhile, one by one, each with its own origin.
    """
    home = folder / "hanging"
    home.mkdir(mode=0o700)
    app = seed.app_of(home)
    with receiving(new) as sink, ExitStack() as stack:
        hung = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(origins)]
        with app.app_context():
            token = _furnish(app, [f"http://127.0.0.1:{one.getsockname()[1]}" for one in hung], sink)
            db.session.remove()
            db.engine.dispose()
        with server.serving(home) as running:
            _open(running, token, "hung")
            for number in range(new):
                time.sleep(PAUSE)
                _open(running, token, f"new-{number}")
            yield _late(sink, origins, new)


def _furnish(app: Flask, hung: list[str], sink: Sink) -> str:
    _department(app, "hung", hung)
    for number, url in enumerate(sink.urls):
        _department(app, f"new-{number}", [url])
    return tokens.make_token("bench", "coordinator", None, seed.BY, clock.now()).secret


def _department(app: Flask, code: str, urls: list[str]) -> None:
    now, ring = clock.now(), app.extensions[KEY].ring
    made = departments.add_department(code, code, None, seed.BY, now)
    departments.put_policy(made.id, Policy.from_json({"levels": [{"wait": "PT24H"}]}), None, seed.BY, now)
    for number, url in enumerate(urls):
        secret = "whsec_" + secrets.token_urlsafe(24)[:32].replace("-", "a").replace("_", "b")
        facts = (f"{code} {number}", "webhook", f"{url}/hook", 1, "en", secret)
        departments.add_contact(made.id, *facts, ring, seed.BY, now)


def _open(running: server.Running, token: str, code: str) -> None:
    body = json.dumps({"title": f"For {code}", "departments": [code]}).encode()
    client.once(running.port, client.request("POST", "/api/v1/incidents", token, body))


def _late(sink: Sink, origins: int, new: int) -> Row:
    until = time.monotonic() + LIMIT
    while (seen := sink.seen())["count"] < new and time.monotonic() < until:
        time.sleep(0.2)
    late = sorted(moment - dt.datetime.fromisoformat(made).timestamp() for moment, made in seen["came"])
    what = f"a contact never tried before, beside {origins} hanging origins"
    if not late:
        return Row(what, "none was told", "under 1 s", is_met=False)
    measured = f"p50 {late[len(late) // 2] * 1000:.0f} ms, slowest {late[-1] * 1000:.0f} ms"
    return Row(what, measured, "under 1 s", late[-1] < 1 and len(late) == new)
