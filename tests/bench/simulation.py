"""Benchmarks of shipped playbooks: exploring the largest, linting all."""

import time
from collections.abc import Iterator
from pathlib import Path

from incident.actions.playbooks.runs import PROFILE
from incident.config import shipped
from incident.core.cacao import Playbook, PlaybookBundle, check, gather, load, parse
from incident.core.cacao.simulation import explore
from tests.bench.table import Row

LIMIT = 2.0


def measure_simulation() -> Iterator[Row]:
    """Measure without any server."""
    files = sorted(shipped("playbooks").glob("*.yaml"))
    yield _lint(files)
    yield _ways(files)


def _lint(files: list[Path]) -> Row:
    began = time.process_time()
    faults = [fault for file in files for fault in check(load(file.read_bytes(), "yaml"), is_lint=True)]
    took = time.process_time() - began
    what = f"playbooks: lint of all {len(files)} shipped, CPU"
    return Row(what, f"{took:.2f} s, {len(faults)} faults", "< 2 s", took < LIMIT and not faults)


def _ways(files: list[Path]) -> Row:
    """Every path of each playbook and of the ones it calls; the slowest one counts."""
    library = {one.id: one for one in (parse(load(file.read_bytes(), "yaml")) for file in files)}
    bundles = [gather(one, lambda playbook_id, version: library.get(playbook_id)) for one in library.values()]
    costs = [(_cost(bundle), bundle) for bundle in bundles]
    largest = max(costs, key=lambda one: _size(one[1]))
    slowest = max(costs, key=lambda one: one[0])
    measured = f"{largest[0]:.2f} s; the slowest ({_size(slowest[1])} steps) {slowest[0]:.2f} s"
    what = f"simulation: every way of the largest shipped playbook ({_size(largest[1])} steps), CPU"
    return Row(what, measured, "< 2 s", slowest[0] < LIMIT)


def _cost(bundle: PlaybookBundle) -> float:
    """Seconds of CPU; a playbook that is too wide costs more than any limit."""
    began = time.process_time()
    ways = explore(bundle, PROFILE)
    return time.process_time() - began if ways.is_whole else float("inf")


def _size(bundle: PlaybookBundle) -> int:
    playbooks: tuple[Playbook, ...] = (bundle.main, *bundle.called.values())
    return sum(len(one.steps) for one in playbooks)
