"""Benchmarks of live pages: a request beside 300 open streams, and how soon all hear of a change."""

import json
import selectors
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from incident import clock
from incident.actions.directory import tokens
from incident.store.db.database import db
from incident.web.streams.sse import PER_SESSION
from tests.bench import client, seed, server
from tests.bench.table import Row

PAGES = 300
SECONDS = 5.0
AT_ONCE = 2
CHANGES = 12
PAUSE = 0.7
LIMIT = 10.0
HEARD_WITHIN = 0.5


def measure_streams(folder: Path, pages: int = PAGES, seconds: float = SECONDS) -> Iterator[Row]:
    """Measure with a new home and the defaults of `serve`.

    Args:
        folder: where the home is made.
        pages: how many pages are open.
        seconds: how long requests are sent without and with them.
    """
    home = folder / "streams"
    home.mkdir(mode=0o700)
    app = seed.app_of(home)
    with app.app_context():
        made = [
            tokens.make_token(f"bench {n}", "coordinator", None, seed.BY, clock.now())
            for n in range(pages // PER_SESSION + 1)
        ]
        secrets = [one.secret for one in made]
        db.session.remove()
        db.engine.dispose()
    with server.serving(home) as running, ExitStack() as stack:
        asked = client.every([client.request("GET", "/incidents", secrets[-1])])
        client.load(running.port, asked, AT_ONCE, 1.0)
        alone = client.load(running.port, asked, AT_ONCE, seconds)
        opened = [stack.enter_context(_opened(running.port, secrets[n // PER_SESSION])) for n in range(pages)]
        beside = client.load(running.port, asked, AT_ONCE, seconds)
        yield _row(pages, alone, beside)
        heard = [_heard(running, secrets[-1], opened) for _ in range(CHANGES)]
        measured = f"median {statistics.median(heard) * 1e3:.0f} ms, slowest {max(heard) * 1e3:.0f} ms"
        yield Row(
            f"a change, until it reaches the last of {pages} pages", measured, "under 500 ms", max(heard) < HEARD_WITHIN
        )


def _row(pages: int, alone: client.Load, beside: client.Load) -> Row:
    (half, most), (half_beside, most_beside) = (
        [one.quantile(share) * 1e3 for share in (0.5, 0.95)] for one in (alone, beside)
    )
    ratio = half_beside / half
    measured = (
        f"{half:.1f} ms alone, {half_beside:.1f} ms beside them ({ratio:.2f} times); "
        f"p95 {most:.1f} and {most_beside:.1f} ms"
    )
    is_met = ratio <= 2 and not beside.refused
    return Row(f"GET /incidents beside {pages} live pages", measured, "at most 2 times", is_met)


def _opened(port: int, token: str) -> socket.socket:
    """Open a stream, and read its beginning."""
    page = socket.create_connection(("127.0.0.1", port), LIMIT)
    page.sendall(client.request("GET", "/live/pages?of=any", token))
    begun = b""
    while b": open" not in begun:
        part = page.recv(1 << 12)
        if not part or not begun.startswith(b"HTTP/1.1 200"[: len(begun)]):
            raise RuntimeError(f"no stream: {begun[:200]!r}")
        begun += part
    return page


def _heard(running: server.Running, token: str, opened: Sequence[socket.socket]) -> float:
    """Seconds from a request that opens an incident until every page has been notified."""
    time.sleep(PAUSE)
    with selectors.DefaultSelector() as selector:
        for page in opened:
            page.setblocking(False)
            selector.register(page, selectors.EVENT_READ)
        began = time.perf_counter()
        client.post(running.port, "/api/v1/incidents", token, json.dumps({"title": "For all pages"}).encode())
        while selector.get_map():
            if time.perf_counter() - began > LIMIT:
                raise RuntimeError(f"{len(selector.get_map())} pages were not notified")
            for key, _ in selector.select(1):
                if b"event: news" in key.fileobj.recv(1 << 16):  # type: ignore[union-attr]
                    selector.unregister(key.fileobj)
        return time.perf_counter() - began
