"""Reports of the public: submissions with the slow hash, sustained and in a burst, with few and with many stored."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from sqlalchemy import insert

from incident import clock
from incident.receipt_hashing import PLACES, ReceiptHasher
from incident.store.db.database import WRITE, db
from incident.store.reports.reports import Report
from tests.bench import client, seed, server
from tests.bench.doors import AT_ONCE, measure_bare
from tests.bench.table import Row
from tests.bench.texts import text_of

USUAL_STORED: Final = 20_000
FULL_STORED: Final = 1_000_000
CHUNK: Final = 10_000
SECONDS: Final = 6.0
BURST: Final = 200
LEAST_RATE: Final = 40
LONGEST: Final = 6.0
MOST_TIMES: Final = 25
HASHES: Final = 40


def measure_reports(folder: Path, stored: int = USUAL_STORED) -> Iterator[Row]:
    """Measure with a new home with SQLite, without reports and with many.

    Args:
        folder: where the home is made.
        stored: how many reports are stored for the second measurement.
    """
    home = folder / "reports"
    home.mkdir(mode=0o700)
    app = seed.app_of(home)
    with server.bare(folder) as beside:
        bare = measure_bare(beside).cpu
    hashing = _cpu_of_hash()
    for count in (0, stored):
        with app.app_context():
            _store(count)
        with server.serving(home) as running:
            yield from _submissions(running, f"{count:,} reports stored", bare, hashing)


def _submissions(running: server.Running, where: str, bare: float, hashing: float) -> Iterator[Row]:
    client.load(running.port, _report, 2, 1.0)
    before = running.cpu()
    sustained = client.load(running.port, _report, AT_ONCE, SECONDS)
    cpu = (running.cpu() - before) / max(1, len(sustained.times))
    times = max(0.0, cpu - hashing) / bare
    yield Row(
        f"submissions of reports, {AT_ONCE} at once, {where}",
        f"{sustained.rate:,.0f}/s, {len(sustained.refused)} refused",
        f"{LEAST_RATE}/s, CPU beside the hash {MOST_TIMES} times",
        sustained.rate >= LEAST_RATE and times <= MOST_TIMES,
        f"{cpu * 1000:.2f} ms, of which the hash {hashing * 1000:.2f} ms",
        f"{times:.1f} beside the hash",
    )
    burst = client.load(running.port, _report, BURST, 0.0, most=BURST)
    slowest = burst.quantile(0.99)
    yield Row(
        f"a burst of {BURST} reports at once, {where}",
        f"p99 {slowest:.2f} s, {len(burst.refused)} told to come again",
        f"p99 under {LONGEST:.0f} s",
        slowest < LONGEST,
    )


def _report(number: int) -> bytes:
    body = {"text": f"{text_of(number)[1]} {number}", "kind": "tip", "category": "fraud"}
    return client.request("POST", "/api/v1/reports", body=json.dumps(body).encode())


def _cpu_of_hash() -> float:
    """Return the CPU seconds of one hash while every place is taken: they compete for the memory."""
    hasher, began_at = ReceiptHasher(), time.process_time()
    with ThreadPoolExecutor(PLACES) as pool:
        list(pool.map(lambda number: hasher.hash(f"{number:016d}", b"s" * 16), range(HASHES)))
    return (time.process_time() - began_at) / HASHES


def _store(count: int) -> None:
    """Store reports as rows, without their entries of the journal."""
    now = clock.now()
    facts = {"kind": "tip", "channel": "web", "state": "received", "received_at": now, "version": 1}
    for start in range(0, count, CHUNK):
        rows = [
            facts | {"text": text_of(number)[1], "receipt_hash": f"bench~{number}"}
            for number in range(start, min(start + CHUNK, count))
        ]
        db.session.connection(execution_options={WRITE: True}).execute(insert(Report), rows)
        db.session.commit()
    db.session.remove()
