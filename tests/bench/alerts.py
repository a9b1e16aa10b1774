"""Benchmarks of alerts: mapping one of each sender, and 300 in one request with other writes meanwhile."""

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from incident.sources import read_alerts
from tests.bench import client, server
from tests.bench.seed import Seeded
from tests.bench.table import Row

SAMPLES = Path(__file__).parents[1] / "samples" / "sources"
NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
ROUNDS = 200
MAPPING_LIMIT = 0.001
BATCH = 300
BATCHES = 5
BATCH_LIMIT = 1.0
OTHERS_LIMIT = 0.050


def measure_mapping() -> Iterator[Row]:
    """Measure the CPU time of reading one alert of each sender, from the body of its request."""
    costs = {file.stem: _cost(file.stem, json.loads(file.read_text("utf-8"))[0]["opens"]) for file in _files()}
    slowest = max(costs, key=lambda name: costs[name])
    middle = sorted(costs.values())[len(costs) // 2]
    measured = f"{costs[slowest] * 1000:.2f} ms ({slowest}), median {middle * 1000:.2f} ms"
    what = f"map one alert, the slowest of {len(costs)} senders"
    yield Row(what, measured, "under 1 ms", costs[slowest] < MAPPING_LIMIT)


def _files() -> list[Path]:
    return sorted(SAMPLES.glob("*.json"))


def _cost(source: str, payload: object) -> float:
    body = json.dumps(payload).encode()
    read_alerts(source, body, NOW)
    began_at = time.process_time()
    for _ in range(ROUNDS):
        read_alerts(source, body, NOW)
    return (time.process_time() - began_at) / ROUNDS


def measure_batches(running: server.Running, seeded: Seeded) -> Iterator[Row]:
    """Measure requests of 300 new alerts, and incidents that somebody else creates at the same time."""
    batches: list[float] = []
    is_over = threading.Event()

    def post_batches() -> None:
        for number in range(BATCHES):
            began_at = time.perf_counter()
            status, answer = client.post(running.port, "/api/v1/alerts/grafana", seeded.source_token, _batch(number))
            batches.append(
                time.perf_counter() - began_at if status == 202 and answer.count(b"opened") else float("nan")
            )
        is_over.set()

    others = client.Load()
    sender = threading.Thread(target=post_batches)
    sender.start()
    while not is_over.is_set():
        body = json.dumps({"title": f"Meanwhile {len(others.times)}", "grade": 4}).encode()
        began_at = time.perf_counter()
        status, _ = client.post(running.port, "/api/v1/incidents", seeded.token, body)
        if status == 201:
            others.times.append(time.perf_counter() - began_at)
        time.sleep(0.01)
    sender.join()
    batches.sort()
    measured = f"median {batches[BATCHES // 2]:.2f} s, slowest {batches[-1]:.2f} s"
    yield Row(
        f"POST /alerts/grafana with {BATCH} new alerts", measured, "under 1 s", batches[BATCHES // 2] < BATCH_LIMIT
    )
    slow = others.quantile(0.99)
    measured = f"p50 {others.quantile(0.5) * 1000:.0f} ms, p99 {slow * 1000:.0f} ms ({len(others.times)})"
    yield Row("POST /incidents meanwhile", measured, "p99 < 50 ms", slow < OTHERS_LIMIT)


def _batch(number: int) -> bytes:
    alert = json.loads((SAMPLES / "grafana.json").read_text("utf-8"))[0]["opens"]["alerts"][0]
    stamp = time.time_ns()
    alerts = [alert | {"fingerprint": f"{stamp}-{number}-{at}"} for at in range(BATCH)]
    return json.dumps({"receiver": "bench", "status": "firing", "version": "1", "alerts": alerts}).encode()
