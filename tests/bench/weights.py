"""Weights of pages: bytes that a browser fetches, as they are sent."""

import http.client
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from incident.actions.notifications.acknowledge_links import acknowledge_token
from incident.keyring import KeyRing
from tests.bench.server import Running
from tests.bench.table import Row
from tests.web.weights import Fetch, Weight, weigh

KB = 1000


def measure_weights(running: Running, home: Path, token: str) -> Iterator[Row]:
    """Weigh the first page, later pages, and the pages of everybody.

    Args:
        running: the server.
        home: its home, for an acknowledge link.
        token: of a coordinator.
    """
    signed_in = fetching(running.port, {"Authorization": f"Bearer {token}"})
    anybody = fetching(running.port, {})
    yield _row("first load of /incidents", weigh(signed_in, "/incidents"), 120, is_first=True)
    yield _row("/incidents later", weigh(signed_in, "/incidents"), 25, is_first=False)
    yield _row("acknowledge page, in all", weigh(anybody, _acknowledge_path(home)), 30, is_first=True)
    for path in ("/report", "/receipt"):
        yield _row(f"{path}, in all", weigh(anybody, path), 60, is_first=True)


def _row(what: str, weight: Weight, limit: int, *, is_first: bool) -> Row:
    found = weight.total if is_first else weight.page
    return Row(f"weight: {what}", f"{found / KB:.1f} kB", f"under {limit} kB", found < limit * KB)


def _acknowledge_path(home: Path) -> str:
    with closing(sqlite3.connect(home / "incident.db")) as database:
        [webhook_id] = database.execute("SELECT webhook_id FROM messages ORDER BY id DESC LIMIT 1").fetchone()
    return f"/acknowledge/{acknowledge_token(KeyRing.load(home / 'keys.json'), webhook_id)}"


def fetching(port: int, shown: Mapping[str, str]) -> Fetch:
    """Return a function that fetches a page with the headers of a caller."""

    def fetch(path: str, headers: Mapping[str, str]) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with closing(connection):
            connection.request("GET", path, headers={**headers, **shown})
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}")
        return body

    return fetch
