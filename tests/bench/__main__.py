"""`python -m tests.bench [--full] [--only PART ...]`: start the servers, measure, print the table."""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import psutil
from flask import Flask

from tests.bench import (
    alerts,
    clocks,
    deadlines,
    delivery,
    documents,
    doors,
    engine,
    evidence,
    filters,
    hanging,
    insights,
    nodes,
    pages,
    pieces,
    reports,
    seed,
    server,
    simulation,
    streams,
    subscriptions,
    timing,
    weights,
)
from tests.bench.table import Row, shown

USUAL = 100_000
FULL = 1_000_000


def _say(text: str) -> None:
    print(text, flush=True)


def _sizes(folder: Path, home: Path) -> Iterator[Row]:
    """Start-up time with an empty and a full home, and idle memory."""
    empty = folder / "empty"
    empty.mkdir(mode=0o700)
    for what, where in (("an empty home, migrations and all", empty), ("a full home", home)):
        with server.serving(where) as running:
            took = running.seconds_to_answer
            yield Row(f"start to first answer, {what}", f"{took:.2f} s", "under 3 s", took < 3)
            if where is home:
                time.sleep(5)
                shared, counted = running.memory()
                measured = f"{shared:.0f} MB PSS ({counted:.0f} MB RSS, {len(running.processes())} processes)"
                yield Row(
                    "memory of all processes, idle", measured, "under 250 MB", shared < 250, peers="IRIS: 5 services"
                )


SERVED = ("doors", "filters", "weights", "alerts", "timers", "pages")
"""Parts that are measured at a server with many incidents; pages come last, as they add much."""

ALONE: dict[str, Callable[[Path], Iterator[Row]]] = {
    "engine": engine.measure_engine,
    "simulation": lambda _folder: simulation.measure_simulation(),
    "delivery": delivery.measure_delivery,
    "deadlines": deadlines.measure_warnings,
    "clocks": clocks.measure_clocks,
    "documents": documents.measure_documents,
    "hanging": hanging.measure_hanging,
    "insights": insights.measure_insights,
    "streams": streams.measure_streams,
    "subscriptions": subscriptions.measure_subscriptions,
    "nodes": nodes.measure_nodes,
    "reports": reports.measure_reports,
}
PARTS = ("sizes", *SERVED, *ALONE, "evidence")


def _served(
    part: str, running: server.Running, folder: Path, home: Path, app: Flask, seeded: seed.Seeded
) -> Iterator[Row]:
    match part:
        case "doors":
            with server.bare(folder) as beside:
                yield doors.measure_bare(beside).row()
                yield from doors.measure_doors(running, seeded, beside)
        case "filters":
            yield from filters.measure_filters(running, seeded)
        case "weights":
            yield from weights.measure_weights(running, home, seeded.token)
        case "alerts":
            yield from alerts.measure_mapping()
            yield from alerts.measure_matching()
            yield from alerts.measure_batches(running, seeded)
        case "timers":
            yield from timing.measure_timers(app)
        case "pages":
            with server.bare(folder) as beside:
                yield from pages.measure_pages(app, running, beside, seeded)


def _rows(folder: Path, count: int, parts: Sequence[str]) -> Iterator[Row]:
    home = folder / "home"
    home.mkdir(mode=0o700)
    began_at = time.monotonic()
    app = seed.app_of(home)
    seeded = seed.seed(app, count)
    _say(f"# {count:,} incidents made in {time.monotonic() - began_at:.0f} s")
    if "sizes" in parts:
        yield from _sizes(folder, home)
    served = [part for part in parts if part in SERVED]
    if served:
        with server.serving(home) as running:
            for part in served:
                yield from _served(part, running, folder, home, app, seeded)
    for part in parts:
        if part == "evidence":
            yield from evidence.measure_evidence(folder, evidence.FULL_SIZE if count >= FULL else evidence.USUAL_SIZE)
        elif part == "reports" and count >= FULL:
            yield from reports.measure_reports(folder, reports.FULL_STORED)
        elif part not in (*SERVED, "sizes"):
            yield from ALONE[part](folder)


def main() -> None:
    """Measure, and print."""
    os.umask(0o077)  # as no server starts on files that others can read
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure speed and size.")
    parser.add_argument("--full", action="store_true", help=f"with {FULL:,} incidents beside {USUAL:,}")
    parser.add_argument("--incidents", type=int, help="with this many incidents only (a multiple of 5,000)")
    parser.add_argument("--pieces", action="store_true", help="only our own pieces beside the libraries for the same")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"only some of {', '.join(PARTS)}")
    given = parser.parse_args()
    parts = [part for part in PARTS if given.only is None or part in given.only]
    counts = [given.incidents] if given.incidents else [USUAL, FULL] if given.full else [USUAL]
    load = psutil.getloadavg()[0]
    _say(
        f"# {psutil.cpu_count()} cores; load before: {load:.1f}{' - others are at work, figures suffer' * (load > 0.7)}"
    )
    if given.pieces:
        _measure("Our own pieces", pieces.measure_pieces)
        return
    for count in counts:
        _measure(f"Over {count:,} incidents", partial(_rows, count=count, parts=parts))


def _measure(title: str, rows_in: Callable[[Path], Iterator[Row]]) -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as folder:
        for row in rows_in(Path(folder)):
            rows.append(row)
            _say("# " + "  ".join(filter(None, row.cells)))
    _say(f"\n{title}:\n\n{shown(rows)}\n")


if __name__ == "__main__":
    main()
