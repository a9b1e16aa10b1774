"""Benchmarks of HTTP requests: create, list, search, read; each beside a bare Flask response."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench import client, server
from tests.bench.client import Load
from tests.bench.seed import PLAYBOOK, Seeded
from tests.bench.table import Row
from tests.bench.texts import text_of

AT_ONCE = 8
SECONDS = 6.0
BARE_SECONDS = 2.0
SEARCHES = 400
SEARCH_LIMIT = 0.050


@dataclass(frozen=True)
class Bare:
    """The current cost of a bare Flask response."""

    rate: float
    cpu: float

    def mean(self, other: "Bare") -> "Bare":
        """The middle between two measures."""
        return Bare((self.rate + other.rate) / 2, (self.cpu + other.cpu) / 2)

    def row(self) -> Row:
        """The line that the others are compared with."""
        measured = f"{self.rate:,.0f}/s"
        return Row("bare Flask JSON, gunicorn, 2 sync workers", measured, cpu=_ms(self.cpu), ratio="1")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _loaded(running: server.Running, make: Callable[[int], bytes], seconds: float = SECONDS) -> tuple[Load, float]:
    """Load a server, after a short load to warm it; return also the CPU seconds of one request."""
    client.load(running.port, make, AT_ONCE, 1.0)
    before = running.cpu()
    outcome = client.load(running.port, lambda count: make(count + 1_000_000), AT_ONCE, seconds)
    used = running.cpu() - before
    if outcome.refused:
        raise RuntimeError(f"{len(outcome.refused)} requests were refused, the first with {outcome.refused[0]}")
    return outcome, used / len(outcome.times)


def measure_bare(running: server.Running) -> Bare:
    """Measure the bare answer."""
    outcome, cpu = _loaded(running, client.every([client.request("GET", "/")]), BARE_SECONDS)
    return Bare(outcome.rate, cpu)


def _compared(
    what: str, running: server.Running, beside: server.Running, make: Callable[[int], bytes], share: int, peers: str
) -> Row:
    """Measure between two bare answers, as machines have moods that change within seconds."""
    before = measure_bare(beside)
    outcome, cpu = _loaded(running, make)
    bare = before.mean(measure_bare(beside))
    measured = f"{outcome.rate:,.0f}/s, p50 {_ms(outcome.quantile(0.5))}, p99 {_ms(outcome.quantile(0.99))}"
    ratio = bare.rate / outcome.rate
    return Row(what, measured, f"1/{share}", ratio <= share, _ms(cpu), f"1/{ratio:.1f}", peers)


def measure_doors(running: server.Running, seeded: Seeded, beside: server.Running) -> Iterator[Row]:
    """Measure HTTP operations; before and after each row a bare response is measured `beside`."""
    yield _create(running, seeded, beside)
    yield _list(running, seeded, beside)
    yield from _search(running, seeded)
    yield from _read(running, seeded, beside)


def _create(running: server.Running, seeded: Seeded, beside: server.Running) -> Row:
    def make(count: int) -> bytes:
        title, description, seen = text_of(10_000_000 + count)
        body = {"title": title, "description": description, "departments": ["dept-0"], "playbook": PLAYBOOK["id"]}
        listed = [{"kind": kind, "value": value} for kind, value in seen]
        data = json.dumps(body | {"indicators": listed}).encode()
        return client.request("POST", "/api/v1/incidents", seeded.token, data)

    what = "POST /incidents with a playbook and one department, 8 at once"
    return _compared(what, running, beside, make, 20, "DFIR-IRIS 22/s, FIR 69/s; they start nothing")


def _list(running: server.Running, seeded: Seeded, beside: server.Running) -> Row:
    asked = client.request("GET", "/api/v1/incidents?limit=25", seeded.token)
    what = f"GET /incidents?limit=25 over {seeded.count:,}, 8 at once"
    return _compared(what, running, beside, client.every([asked]), 12, "IRIS 10/s, FIR 6/s over 1,000")


def _search(running: server.Running, seeded: Seeded) -> Iterator[Row]:
    chance = random.Random(1)
    kinds: dict[str, Callable[[], str]] = {
        "two Chinese characters": lambda: _two_characters(chance, seeded.count),
        "an address": lambda: text_of(chance.randint(1, seeded.count))[2][0][1],
        "a word of a note": lambda: f"host-{chance.randint(1, 4_000)}",
        "an English word": lambda: chance.choice(["server", "ransomware", "beacon", "password", "telephone"]),
    }
    for name, choose in kinds.items():
        asked = [_searching(choose(), seeded.token) for _ in range(SEARCHES)]
        client.load(running.port, client.every(asked), 1, 0.0, least=20)
        before = running.cpu()
        outcome = client.load(running.port, client.every(asked), 1, 0.0, most=SEARCHES, least=SEARCHES)
        cpu = (running.cpu() - before) / SEARCHES
        slowest = outcome.quantile(0.99)
        measured = f"p50 {_ms(outcome.quantile(0.5))}, p99 {_ms(slowest)}"
        is_met = slowest < SEARCH_LIMIT and not outcome.refused
        what = f"search {name} over {seeded.count:,}"
        yield Row(what, measured, "p99 < 50 ms", is_met, _ms(cpu), peers="IRIS 148 ms median over 1,000")


def _two_characters(chance: random.Random, count: int) -> str:
    while True:
        title, description, _ = text_of(chance.randint(1, count))
        text = title + description
        at = chance.randrange(len(text) - 1)
        if all("\u4e00" <= char <= "\u9fff" for char in text[at : at + 2]):
            return text[at : at + 2]


def _searching(query: str, token: str) -> bytes:
    quoted = "".join(f"%{byte:02X}" for byte in query.encode())
    return client.request("GET", f"/api/v1/incidents?limit=25&q={quoted}", token)


def _read(running: server.Running, seeded: Seeded, beside: server.Running) -> Iterator[Row]:
    peers = "IRIS 104/s, FIR 2/s"
    one = f"/api/v1/incidents/{seeded.long_incident}"
    for what, path in (("one incident with 200 journal entries", one), ("its 200 entries", f"{one}/journal?limit=200")):
        make = client.every([client.request("GET", path, seeded.token)])
        yield _compared(f"{what}, 8 at once", running, beside, make, 20, peers)
