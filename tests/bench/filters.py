"""Benchmarks of the incident list with each filter, one request at a time."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from incident import clock
from incident.core.incidents.listing.tabs import SORTS, TABS
from tests.bench import client, server
from tests.bench.seed import DEPARTMENTS, PROVINCES, SECTORS, WAVES, Seeded
from tests.bench.table import Row

REQUESTS = 200
LIMIT = 0.030

Asked = dict[str, str | int]


def measure_filters(running: server.Running, seeded: Seeded) -> Iterator[Row]:
    """Measure a page of 25 under each filter, with values drawn by chance."""
    chance = random.Random(9)
    for name, draw in _filters(chance, seeded.count).items():
        asked = [_asking(draw(), seeded.token) for _ in range(REQUESTS)]
        client.load(running.port, client.every(asked), 1, 0.0, least=20)
        before = running.cpu()
        outcome = client.load(running.port, client.every(asked), 1, 0.0, most=REQUESTS, least=REQUESTS)
        cpu = (running.cpu() - before) / REQUESTS
        slow = outcome.quantile(0.95)
        measured = f"p50 {outcome.quantile(0.5) * 1000:.1f} ms, p95 {slow * 1000:.1f} ms"
        is_met = slow < LIMIT and not outcome.refused
        yield Row(f"list by {name} over {seeded.count:,}", measured, "p95 < 30 ms", is_met, f"{cpu * 1000:.2f} ms")


def _filters(chance: random.Random, count: int) -> dict[str, Callable[[], Asked]]:
    def day() -> str:
        ago = dt.timedelta(minutes=5 * chance.randint(0, count))
        return (clock.now() - ago).strftime("%Y-%m-%dT%H:%M:%SZ")

    def province() -> int:
        return chance.choice(PROVINCES)

    return {
        "nothing": dict,
        "status": lambda: {"status": chance.choice(("new", "handling", "closed"))},
        "grade": lambda: {"grade": chance.randint(1, 4)},
        "category": lambda: {"category": chance.choice(("MPRANS", "NAPHISH", "DSDATALEAK", "NASCAN"))},
        "sector": lambda: {"sector": chance.choice(SECTORS)},
        "province": lambda: {"region": f"{province()}0000"},
        "city": lambda: {"region": f"{province()}{chance.randint(1, 9):02d}00"},
        "county": lambda: {"region": f"{province()}{chance.randint(1, 9):02d}{chance.randint(1, 8):02d}"},
        "campaign": lambda: {"campaign": f"wave-{chance.randrange(WAVES)}"},
        "department": lambda: {"department": f"dept-{chance.randrange(DEPARTMENTS)}"},
        "from": lambda: {"from": day()},
        "to": lambda: {"to": day()},
        "exercises": lambda: {"exercise": "true"},
        **{f"tab {tab}": _always(tab=tab) for tab in TABS},
        **{f"order {sort}": _always(sort=sort) for sort in SORTS},
        **{f"open, order {sort}": _always(sort=sort, tab="open") for sort in SORTS},
    }


def _always(**asked: str | int) -> Callable[[], Asked]:
    return lambda: asked


def _asking(wanted: Asked, token: str) -> bytes:
    return client.request("GET", f"/api/v1/incidents?{urlencode({'limit': 25, **wanted})}", token)
