"""`python -m tests.bench [--full]`: start the servers, measure, print the table."""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil

from tests.bench import (
    alerts,
    delivery,
    doors,
    engine,
    filters,
    hanging,
    nodes,
    pieces,
    seed,
    server,
    simulation,
    timing,
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


def _rows(folder: Path, count: int) -> Iterator[Row]:
    home = folder / "home"
    home.mkdir(mode=0o700)
    began_at = time.monotonic()
    app = seed.app_of(home)
    seeded = seed.seed(app, count)
    _say(f"# {count:,} incidents made in {time.monotonic() - began_at:.0f} s")
    yield from _sizes(folder, home)
    with server.serving(home) as running:
        with server.bare(folder) as beside:
            yield doors.measure_bare(beside).row()
            yield from doors.measure_doors(running, seeded, beside)
            yield from filters.measure_filters(running, seeded)
        yield from alerts.measure_mapping()
        yield from alerts.measure_batches(running, seeded)
        yield from timing.measure_timers(app)
    yield from engine.measure_engine(folder)
    yield from simulation.measure_simulation()
    yield from delivery.measure_delivery(folder)
    yield from hanging.measure_hanging(folder)
    yield from nodes.measure_nodes(folder)


def main() -> None:
    """Measure, and print."""
    os.umask(0o077)  # as no server starts on files that others can read
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure speed and size.")
    parser.add_argument("--full", action="store_true", help=f"with {FULL:,} incidents beside {USUAL:,}")
    parser.add_argument("--incidents", type=int, help="with this many incidents only (a multiple of 5,000)")
    parser.add_argument("--pieces", action="store_true", help="only our own pieces beside the libraries for the same")
    given = parser.parse_args()
    counts = [given.incidents] if given.incidents else [USUAL, FULL] if given.full else [USUAL]
    load = psutil.getloadavg()[0]
    _say(
        f"# {psutil.cpu_count()} cores; load before: {load:.1f}{' - others are at work, figures suffer' * (load > 0.7)}"
    )
    if given.pieces:
        _measure("Our own pieces", pieces.measure_pieces)
        return
    for count in counts:
        _measure(f"Over {count:,} incidents", partial(_rows, count=count))


def _measure(title: str, rows_in: Callable[[Path], Iterator[Row]]) -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as folder:
        for row in rows_in(Path(folder)):
            rows.append(row)
            _say("# " + "  ".join(filter(None, row.cells)))
    _say(f"\n{title}:\n\n{shown(rows)}\n")


if __name__ == "__main__":
    main()
