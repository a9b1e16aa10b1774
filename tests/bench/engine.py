"""Benchmarks of the playbook engine: cost of a turn, ten thousand runs, checks of a text."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from incident import clock
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.operations import timers
from incident.actions.playbooks import playbooks, runs
from incident.config import shipped
from incident.core.cacao import PlaybookBundle, Profile, advance, check, load, parse, start
from incident.core.cacao.engine.effects import OpenTask
from incident.core.cacao.engine.events import CommandEnded
from incident.core.cacao.signing.sign import sign
from incident.core.cacao.signing.trust import judge
from incident.store.db.database import db
from incident.store.playbooks.runs import Run
from incident.web.instance import KEY, Instance
from tests.bench.seed import BY, app_of
from tests.bench.table import Row
from tests.core.cacao.build import NOW, action, choice, document
from tests.core.cacao.signers import KIND_OF, about, key, signer

LONG = 200
REPEATS = 10
LARGE = 1_000
FEW = 100
RUNS = 10_000
STEPS = 20
INCIDENTS = 500
WAIT = dt.timedelta(seconds=60)
MAX_GROWTH = 1.5


def measure_engine(folder: Path, count: int = RUNS) -> Iterator[Row]:
    """Measure without any server; `count` runs live at once in a database in the folder."""
    yield _turns()
    yield _text()
    yield _signature()
    yield _many(folder, count)


def _chain(length: int) -> dict[str, Any]:
    """A playbook with manual steps in a line."""
    steps: dict[str, Any] = {}
    for at in range(length):
        steps[f"a{at}"] = action(f"a{at + 1}" if at + 1 < length else "end")
    return document({**steps, "end": None}, name=f"Chain of {length}")


def _waits(length: int) -> dict[str, Any]:
    """A playbook of steps in a line, each with a timer and a condition."""
    steps: dict[str, Any] = {}
    for at in range(length):
        after = f"s{at + 1}" if at + 1 < length else "end"
        waiting = int(WAIT.total_seconds() * 1000)
        steps[f"s{at}"] = choice("__n__:value = 0", f"x{at}", delay=waiting, on_completion=after)
        steps[f"x{at}"] = None
    variables = {"__n__": {"type": "integer", "value": "0"}}
    return document({**steps, "end": None}, name=f"Waits of {length}", playbook_variables=variables)


def _turns() -> Row:
    """CPU of one `advance` on a long playbook, over every step of several runs."""
    bundle, profile = PlaybookBundle(parse(_chain(LONG))), Profile()
    costs: list[float] = []
    for _ in range(REPEATS):
        turn = start(bundle, {}, NOW, profile)
        while not turn.run.is_finished:
            [task] = [one for one in turn.effects if isinstance(one, OpenTask)]
            event = CommandEnded(task.step, task.visit, task.command, "succeeded")
            began = time.thread_time()
            turn = advance(bundle, turn.run, event, NOW, profile)
            costs.append(time.thread_time() - began)
    costs.sort()
    slow = costs[int(len(costs) * 0.99)]
    measured = f"p50 {costs[len(costs) // 2] * 1000:.2f} ms, p99 {slow * 1000:.2f} ms"
    return Row(f"engine: advance on a {LONG}-step playbook, CPU", measured, "p99 < 1 ms", slow < 0.001)


def _text() -> Row:
    """From the text to a playbook that can be run: read, checked, parsed; the best of three."""
    text = json.dumps(_chain(LARGE))
    took: list[float] = []
    for _ in range(3):
        began = time.process_time()
        document_read = load(text)
        assert not any(fault.is_error for fault in check(document_read))
        parse(document_read, is_checked=True)
        took.append(time.process_time() - began)
    best = min(took)
    return Row(f"engine: parse and check of {LARGE:,} steps, CPU", f"{best * 1000:.0f} ms", "< 300 ms", best < 0.3)


def _signature() -> Row:
    """CPU time of judging one signature on a shipped playbook, with the slowest algorithm."""
    made, costs = load((shipped("playbooks") / "ransomware.yaml").read_bytes()), {}
    for algorithm, kind in KIND_OF.items():
        signed, trusted = sign(made, key(kind), about(algorithm)), [signer(kind)]
        began = time.thread_time()
        for _ in range(REPEATS):
            assert judge(signed, trusted, NOW).is_trusted
        costs[algorithm] = (time.thread_time() - began) / REPEATS
    slowest = max(costs, key=lambda algorithm: costs[algorithm])
    measured = f"{costs[slowest] * 1000:.2f} ms ({slowest}, the slowest of {len(costs)})"
    return Row("engine: verification of one signature, CPU", measured, "< 5 ms", costs[slowest] < 0.005)


def _many(folder: Path, count: int) -> Row:
    """The cost of a step beside very many live runs, compared with few."""
    few, is_few_done = _step_cost(folder / "few", FEW)
    many, is_many_done = _step_cost(folder / "many", count)
    growth = many / few
    measured = f"{few * 1000:.2f} ms CPU a step among {FEW}, {many * 1000:.2f} ms among {count:,}: x{growth:.2f}"
    is_met = growth < MAX_GROWTH and is_few_done and is_many_done
    what = f"engine: {count:,} runs at once of {STEPS} steps with timers, in the database"
    return Row(what, measured if is_many_done else "not every run ended", f"grows < x{MAX_GROWTH}", is_met)


def _step_cost(home: Path, count: int) -> tuple[float, bool]:
    """CPU time (s) per step over many complete runs, and whether all of them succeeded."""
    home.mkdir(mode=0o700)
    app, made = app_of(home), _waits(STEPS)
    with app.app_context():
        here: Instance = app.extensions[KEY]
        now = clock.now()
        playbooks.add_playbook(made, BY, now)
        opened = [
            incidents.open_incident(NewIncident(title=f"Incident {number}"), BY, now, here.settings.zone).id
            for number in range(min(INCIDENTS, count))
        ]
        for number in range(count):
            rounds = number // len(opened)  # starts at the same moment would count as a double click
            runs.start_run(opened[number % len(opened)], made["id"], {}, BY, now - 2 * rounds * runs.DOUBLE_WITHIN)
        took = sum(_round(now + WAIT * (at + 1)) for at in range(STEPS))
        ended = db.session.scalar(db.select(db.func.count()).where(Run.state == "succeeded"))
        db.session.remove()
        db.engine.dispose()
    return took / (count * STEPS), ended == count


def _round(now: dt.datetime) -> float:
    """Fire everything due; return the CPU time (s), which other processes do not affect."""
    began = time.process_time()
    while timers.fire_due(now).count:
        continue
    return time.process_time() - began
