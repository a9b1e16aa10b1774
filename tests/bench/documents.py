"""Official documents: a PDF from a worker, 50 signatures at once, and the register of 100,000 documents."""

import datetime as dt
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import insert, select

from incident import clock
from incident.actions.documents import sign_offs
from incident.actions.documents.document_files import make_next_file, request_file
from incident.actions.documents.drafting import NewDocument, draft_document
from incident.actions.documents.incoming import NewPaper, register_paper
from incident.actions.documents.series_settings import put_series
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.core.documents.numbering import NumberSeries
from incident.core.values.access import Viewer
from incident.store.db.database import WRITE, db
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.incoming import IncomingPaper
from incident.store.incidents.incidents import Incident
from incident.store.queries.document_list import DocumentFilter, list_documents
from incident.store.queries.paper_list import PaperFilter, due_papers, list_papers, papers_for
from incident.store.queries.search import file_words
from incident.store.queries.search_tables import DOCUMENTS
from tests import postgres
from tests.bench import seed
from tests.bench.table import Row

REGISTERED = 100_000
SIGNINGS = 50
CHUNK = 5_000
PAGE = 51
REPEATS = 20
FIVE_PAGES = "网络安全事件处置情况" * 260
WORDS = {"issuer": "X市网信办", "addressee": "X省网信办", "reasons": "攻击。", "matters": FIVE_PAGES, "contact": "李伟"}
ZONE = ZoneInfo("UTC")
VIEWER = Viewer("coordinator", frozenset(), 1)


def measure_documents(folder: Path, count: int = REGISTERED) -> Iterator[Row]:
    """Measure with a new home with SQLite, and the register with PostgreSQL too.

    Args:
        folder: where the home is made.
        count: the documents of the register.
    """
    home = folder / "documents"
    home.mkdir(mode=0o700)
    app = seed.app_of(home)
    with app.app_context():
        now = clock.now()
        put_series([NumberSeries("report", "X网信")], seed.BY, now)
        numbers = [incidents.open_incident(NewIncident(title=f"Bench {one}"), seed.BY, now, ZONE) for one in range(5)]
        ids = [one.id for one in numbers]
        db.session.remove()
        yield _paper(ids[0])
        yield _signatures(app, ids)
        yield from _register(ids, count, "SQLite")
        yield from _papers(ids[0], count, "SQLite")
        db.session.remove()
        db.engine.dispose()
    with postgres.running() as database:
        yield from _on_postgresql(folder, database.url(), count)


def _on_postgresql(folder: Path, url: str, count: int) -> Iterator[Row]:
    home = folder / "documents-postgresql"
    home.mkdir(mode=0o700)
    app = seed.app_of(home, url)
    with app.app_context():
        opened = incidents.open_incident(NewIncident(title="Bench"), seed.BY, clock.now(), ZONE)
        _draft(opened.id)
        yield from _register([opened.id], count, "PostgreSQL")
        yield from _papers(opened.id, count, "PostgreSQL")
        db.session.remove()
        db.engine.dispose()


def _draft(incident_id: int) -> int:
    new = NewDocument("request-for-instructions", words=WORDS)
    return draft_document(incident_id, new, ZONE, "person:1:A", clock.now()).id


def _paper(incident_id: int) -> Row:
    """Request and make a PDF of five pages, as the worker does."""
    row = db.session.get_one(OfficialDocument, _draft(incident_id))
    incident = db.session.get_one(Incident, incident_id)
    began = time.perf_counter()
    request_file(row, incident, "pdf", ZONE, seed.BY, clock.now())
    assert make_next_file(clock.now())
    took = time.perf_counter() - began
    return Row("documents: five pages to PDF in a worker", f"{took:.2f} s", "under 2 s", took < 2)


def _signatures(app: Flask, ids: list[int]) -> Row:
    """Sign many documents at once, each in a thread of its own."""
    waiting = [_draft(ids[one % len(ids)]) for one in range(SIGNINGS)]
    for one in waiting:
        sign_offs.submit_draft(one, "person:1:A", clock.now())
        sign_offs.sign_off_document(one, "review", None, ZONE, "person:2:B", clock.now())
    db.session.remove()

    def sign(document_id: int) -> float:
        began = time.perf_counter()
        with app.app_context():
            sign_offs.sign_off_document(document_id, "sign", None, ZONE, "person:3:C", clock.now())
            db.session.remove()
        return time.perf_counter() - began

    with ThreadPoolExecutor(SIGNINGS) as pool:
        longest = max(pool.map(sign, waiting))
    counts = db.session.scalars(select(OfficialDocument.count).where(OfficialDocument.count.is_not(None))).all()
    is_whole = sorted(one or 0 for one in counts) == list(range(1, SIGNINGS + 1))
    words = f"{longest:.2f} s for the longest, {'no gap' if is_whole else 'a gap'}"
    return Row(f"documents: {SIGNINGS} signatures at once", words, "2 s, no gap", longest <= 2 and is_whole)


def _register(ids: list[int], count: int, database: str) -> Iterator[Row]:
    """List the first page with each filter."""
    pattern = (
        db.session.execute(select(OfficialDocument.__table__).order_by(OfficialDocument.id.desc())).mappings().first()
    )
    assert pattern is not None
    db.session.rollback()
    kept = {name: value for name, value in pattern.items() if name != "id"} | {"words": {}}
    for begin in range(0, count, CHUNK):
        rows = [_row(kept, one, ids) for one in range(begin, min(begin + CHUNK, count))]
        db.session.connection(execution_options={WRITE: True}).execute(insert(OfficialDocument), rows)
        numbered = select(OfficialDocument.id, OfficialDocument.number, OfficialDocument.title)
        newest = db.session.execute(numbered.order_by(OfficialDocument.id.desc()).limit(len(rows))).all()
        file_words(DOCUMENTS, [(one.id, [one.number, one.title], ()) for one in newest])
        db.session.commit()
    _analyse()
    filters = {
        "all": DocumentFilter(),
        "by state": DocumentFilter(state="archived"),
        "by kind": DocumentFilter(kind="request-for-instructions"),
        "by its number": DocumentFilter(words="〔2025〕77777号"),
        "by words of every title": DocumentFilter(words="网络安全事件"),
        "by words of every title, a state": DocumentFilter(words="网络安全事件", state="archived"),
        "by words of every title, a rare state": DocumentFilter(words="网络安全事件", state="void"),
        "by words that are nowhere": DocumentFilter(words="没有这样的公文"),
    }
    for name, wanted in filters.items():
        took = _p95(lambda wanted=wanted: list_documents(VIEWER, wanted, None, PAGE))  # type: ignore[misc]
        yield Row(
            f"documents: register of {count:,} on {database}, {name}", f"{took:.0f} ms p95", "under 50 ms", took < 50
        )


def _papers(incident_id: int, count: int, database: str) -> Iterator[Row]:
    """List incoming papers: the register, what is due, and what waits for a person."""
    now = clock.now()
    row = register_paper(incident_id, NewPaper("letter", "来函", "Y公司", now), ZONE, seed.BY, now)
    kept = {one.name: getattr(row, one.name) for one in IncomingPaper.__table__.columns if one.name != "id"}
    for begin in range(0, count, CHUNK):
        rows = [
            kept
            | {
                "number": f"收〔2025〕{one}号",
                "state": "done" if one % 50 else "open",
                "due_at": None if one % 3 else now + dt.timedelta(hours=one),
            }
            for one in range(begin, min(begin + CHUNK, count))
        ]
        db.session.connection(execution_options={WRITE: True}).execute(insert(IncomingPaper), rows)
        db.session.commit()
    _analyse()
    lists: dict[str, Callable[[], object]] = {
        "the register": lambda: list_papers(VIEWER, PaperFilter(), None, PAGE),
        "due next": lambda: due_papers(VIEWER, None, PAGE),
        "what waits for a person": lambda: papers_for(VIEWER, 20, may_instruct=True),
    }
    for name, work in lists.items():
        took = _p95(work)
        what = f"documents: incoming papers, {count:,} on {database}, {name}"
        yield Row(what, f"{took:.0f} ms p95", "under 50 ms", took < 50)


def _analyse() -> None:
    """Compute statistics as autovacuum does within a minute."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _row(kept: dict[str, Any], one: int, ids: list[int]) -> dict[str, Any]:
    number = f"X网信〔2025〕{one + 1}号"
    return kept | {
        "incident_id": ids[one % len(ids)],
        "title": f"关于第{one}起网络安全事件处置情况的请示",
        "state": "archived" if one % 50 else "void",
        "series": "report",
        "number_year": 2025,
        "count": one + 1,
        "number": number,
    }


def _p95(work: Callable[[], object]) -> float:
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1_000)
        db.session.rollback()
    return statistics.quantiles(took, n=20)[-1]
