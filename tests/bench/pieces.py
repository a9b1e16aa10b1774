"""Pieces of our own, each beside the library or the built-in that could replace it.

A piece that no figure defends is replaced by the library. The figures of the last run are in its docstring or in its
decision.
"""

import datetime as dt
import multiprocessing
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dateutil.rrule import rrulestr
from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from incident.core.cacao.text.patterns import matches
from incident.core.duty.on_duty import on_duty
from incident.core.duty.recurrence import read_recurrence
from incident.core.duty.rota import Rota, Rotation
from incident.core.duty.working_calendar import PLAIN
from incident.store.db.bulk_insert import insert_statement
from incident.store.db.prepared import fetch_one
from incident.store.db.write_lock import WriteLock
from tests.bench.search import measure_search
from tests.bench.table import Row

ROUNDS = 7
MANY = 12
"""Rows that a transaction inserts which opens an incident."""

WRITERS = 8
WRITE_SECONDS = 4.0
WRITE_TAKES = 0.002
HORIZON = dt.timedelta(days=400)
NOW = dt.datetime(2026, 11, 28, 3, tzinfo=dt.UTC)


class _Base(DeclarativeBase):
    """The table that is measured is none of ours."""


class Sample(_Base):
    """A row like those of the journal and of notices."""

    __tablename__ = "samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    kind: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    level: Mapped[int]
    is_open: Mapped[bool]


def measure_pieces(folder: Path) -> Iterator[Row]:
    """Measure without a server of ours.

    Args:
        folder: where databases are created.
    """
    yield from measure_search()
    yield _pattern()
    yield from _recurrence()
    yield _turn()
    yield from _statements()
    yield _write_lock(folder)


def _seconds(use_case: Callable[[], object], times: int = 1, rounds: int = ROUNDS) -> float:
    """Return seconds of one call, the median of several rounds of some calls."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            use_case()
        took.append((time.perf_counter() - began) / times)
    return statistics.median(took)


def _pattern() -> Row:
    hostile, usual = "(a+)+$", r"\d{1,3}(\.\d{1,3}){3} (failed|denied)"
    log = "connection from 203.0.113.7 accepted " * 5
    ours, longest = matches(hostile), "a" * 4_999 + "!"
    theirs = re.compile(hostile)
    short, long = (_seconds(lambda length=length: theirs.search("a" * length + "!")) for length in (16, 22))  # type: ignore[misc]
    both = [_seconds(lambda: matches(usual).is_match(log), 20), _seconds(lambda: re.search(usual, log), 20)]
    measured = (
        f"5,000 signs {_seconds(lambda: ours.is_match(longest)) * 1000:.0f} ms; re: 16 signs {short * 1000:.1f} ms, "
        f"22 signs {long * 1000:.0f} ms; a usual pattern {both[0] * 1e6:,.0f} us, re {both[1] * 1e6:,.0f} us"
    )
    return Row(f"pattern {hostile} on a text that it does not match", measured)


def _recurrence() -> Iterator[Row]:
    first = dt.datetime(2026, 1, 1)  # noqa: DTZ001  # local time
    for rule in ("FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"):
        parts = {name: values.split(",") for name, _, values in (part.partition("=") for part in rule.split(";"))}
        last = first + HORIZON
        ours = _seconds(lambda: list(read_recurrence(parts).days(first.date(), last.date())))  # noqa: B023
        theirs = _seconds(lambda: rrulestr(rule, dtstart=first).between(first, last, inc=True), rounds=1)  # noqa: B023
        yield Row(f"days of {rule} in {HORIZON.days} days", f"{ours * 1000:.2f} ms; dateutil {theirs * 1000:.2f} ms")


def _turn() -> Row:
    handover = dt.datetime(2021, 1, 4, 8, 30, tzinfo=dt.UTC)
    rota = Rota((Rotation("days", ("ann", "bob", "cho"), handover.date(), 1, handover.time()),))
    turns = rrulestr("FREQ=DAILY", dtstart=handover)
    ours = _seconds(lambda: on_duty(rota, PLAIN, dt.UTC, NOW), 100)
    theirs = _seconds(lambda: len(turns.between(handover, NOW, inc=True)) % 3)
    measured = f"{ours * 1e6:,.0f} us; counted by dateutil {theirs * 1e6:,.0f} us"
    return Row("who is on duty, almost six years of daily turns", measured)


def _statements() -> Iterator[Row]:
    engine, table = create_engine("sqlite://"), Sample.metadata.tables[Sample.__tablename__]
    with engine.connect() as connection:
        table.create(connection)
        row = {"at": NOW, "kind": "measured", "subject": "notice:7", "detail": "x" * 100, "level": 2, "is_open": True}
        statement = insert_statement(table, connection.dialect, False)
        with Session(connection) as session:

            def flush(count: int) -> None:
                session.add_all([Sample(**row) for _ in range(count)])
                session.flush()

            ours, theirs = _seconds(lambda: statement.one(connection, row), 200), _seconds(lambda: flush(1), 50)
            plain = _seconds(lambda: connection.execute(insert(table), row), 200)
            yield _inserted("one row, with its key", ours, plain, theirs)
            ours, theirs = (
                _seconds(lambda: statement.many(connection, [row] * MANY), 50),
                _seconds(lambda: flush(MANY), 20),
            )
            plain = _seconds(lambda: connection.execute(insert(table), [row] * MANY), 50)
            yield _inserted(f"{MANY} rows", ours, plain, theirs)
        one = select(table.c.id, table.c.subject).where(table.c.id == 1)
        ours = _seconds(lambda: fetch_one(connection, one), 500)
        theirs = _seconds(lambda: connection.execute(one).one(), 500)
        yield Row("select of one row", f"{ours * 1e6:,.0f} us; SQLAlchemy {theirs * 1e6:,.0f} us")


def _inserted(what: str, ours: float, plain: float, session: float) -> Row:
    measured = f"{ours * 1e6:,.0f} us; insert() {plain * 1e6:,.0f} us, session {session * 1e6:,.0f} us"
    return Row(f"insert of {what}", measured)


def _write_lock(folder: Path) -> Row:
    cells = []
    for name, is_fair in (("ours", True), ("SQLite alone", False)):
        waits = _waits(folder / f"{is_fair}.db", is_fair=is_fair)
        counts, most, total = sorted(map(len, waits)), max(map(max, waits)), sum(map(len, waits))
        share = f"{counts[0]:,} to {counts[-1]:,} writes each"
        cells.append(f"{name}: longest wait {most:.2f} s, {share}, {total / WRITE_SECONDS:,.0f}/s")
    return Row(f"{WRITERS} processes write for {WRITE_SECONDS:.0f} s", "; ".join(cells))


def _waits(file: Path, *, is_fair: bool) -> list[list[float]]:
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (x)")
    database.close()
    lock = WriteLock(f"{file}-turn") if is_fair else None
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[list[float]] = fork.Queue()
    writers = [fork.Process(target=_write, args=(file, lock, results)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    waits = [results.get() for _ in writers]
    for writer in writers:
        writer.join()
    return waits


def _write(file: Path, lock: WriteLock | None, results: "multiprocessing.Queue[list[float]]") -> None:
    """Write for a while, as a process that opens incidents does."""
    database, waits = sqlite3.connect(file, timeout=10, isolation_level=None), []
    until = time.monotonic() + WRITE_SECONDS
    while (began := time.monotonic()) < until:
        has_lock = lock is not None and lock.acquire()
        database.execute("BEGIN IMMEDIATE")
        waits.append(time.monotonic() - began)
        time.sleep(WRITE_TAKES)
        database.execute("INSERT INTO t VALUES (1)")
        database.execute("COMMIT")
        if lock is not None and has_lock:
            lock.release()
    results.put(waits)
