"""Full-text search by our tokenizer, beside the tokenizers of FTS5 and PostgreSQL: what is found, and how fast."""

import random
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import create_engine, text

from incident.core.incidents.search_tokenizer import query_words, words_of
from incident.store.queries.search_tables import PREFIXES
from tests import postgres
from tests.bench.table import Row

ROWS = 100_000
PLANTED = 50
ROUNDS = 5
SEEN = {
    "钓鱼": "{noise}钓鱼邮件处置 {number}",
    "evil.example": "{noise} login page at https://mail.evil.example/{number}",
    "203.0.113.7": "{noise} connections from 203.0.113.7:{number}",
    "2001:db8::7": "{noise} scan by 2001:0db8:0:0:0:0:0:7 no {number}",
    "phishing": "{noise} Phishing-mail number {number}",
}
"""Queries, each with the text that it has to find."""

DECOYS = ("{noise} connections from 203.0.113.77:{number}", "{noise} scan by 2001:db8::77", "{noise}钓到大鱼")
"""Texts that none of the queries means."""

SIGNS = "网络安全事件应急响应监测预警通报处置单位系统平台数据主机端口服务漏洞攻击流量异常登录访问邮箱账号"
WORDS = "alert host server login traffic scan backup router mail user failed report unit disk port".split()  # noqa: SIM905

Answers = dict[str, tuple[set[int], float]]
"""For each query the rows found, and the seconds that it took."""


def measure_search() -> Iterator[Row]:
    """Measure on SQLite in memory and on a PostgreSQL of its own."""
    texts = _texts()
    wanted = {query: _rows_of(texts, seen) for query, seen in SEEN.items()}
    found = {"our words in FTS5": _ours_in_fts5(texts)}
    found |= {f"FTS5 {name}": _fts5(texts, name) for name in ("trigram", "unicode61")}
    with postgres.running() as server:
        found |= _postgresql(server.url(), texts)
    for way, answers in found.items():
        cells = [_cell(query, ids, wanted[query], seconds) for query, (ids, seconds) in answers.items()]
        yield Row(f"search of {ROWS:,} texts, {PLANTED} to find: {way}", "; ".join(cells))


def _cell(query: str, ids: set[int], wanted: set[int], seconds: float) -> str:
    false = f" and {len(ids - wanted)} others" if ids - wanted else ""
    return f"{query} {len(ids & wanted)}{false} in {seconds * 1000:.1f} ms"


def _texts() -> list[str]:
    rng = random.Random(7)

    def noise() -> str:
        return "".join(rng.choices(SIGNS, k=14)) if rng.random() < 0.5 else " ".join(rng.choices(WORDS, k=5))

    kinds = [*SEEN.values(), *DECOYS]
    texts = [kind.format(noise=noise(), number=number) for number in range(PLANTED) for kind in kinds]
    texts += [f"{noise()} {rng.randrange(1, 200)}.{rng.randrange(256)}.0.1" for _ in range(ROWS - len(texts))]
    rng.shuffle(texts)
    return texts


def _rows_of(texts: Sequence[str], seen: str) -> set[int]:
    form = re.compile(re.escape(seen).replace(r"\{noise\}", ".*").replace(r"\{number\}", r"\d+"))
    return {row for row, one in enumerate(texts, 1) if form.fullmatch(one)}


def _answers(ask: Callable[[str], Sequence[Sequence[int]]]) -> Answers:
    found: Answers = {}
    for query in SEEN:
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            rows = ask(query)
            took.append(time.perf_counter() - began)
        found[query] = ({row[0] for row in rows}, statistics.median(took))
    return found


def _filled(tokenizer: str, more: str, texts: Sequence[str]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute(f'CREATE VIRTUAL TABLE t USING fts5(x, {more} tokenize="{tokenizer}")')
    database.executemany("INSERT INTO t (rowid, x) VALUES (?, ?)", enumerate(texts, 1))
    return database


FIND = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid DESC"


def _fts5(texts: Sequence[str], tokenizer: str) -> Answers:
    database = _filled(tokenizer, "", texts)
    return _answers(lambda query: database.execute(FIND, (f'"{query}"',)).fetchall())


def _ours_in_fts5(texts: Sequence[str]) -> Answers:
    more = f"detail=none, prefix='{PREFIXES}',"
    words = [" ".join(words_of([one])) for one in texts]
    database = _filled("unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'", more, words)

    def ask(query: str) -> Sequence[Sequence[int]]:
        asked = " AND ".join(f'"{one.word}"{"*" * one.is_prefix}' for one in query_words(query))
        return database.execute(FIND, (asked,)).fetchall()

    return _answers(ask)


def _postgresql(url: str, texts: Sequence[str]) -> dict[str, Answers]:
    words = [" ".join(f"'{word}'" for word in words_of([one])) for one in texts]
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        for name, filed, given in (
            ("ours", "CAST(:words AS tsvector)", words),
            ("plain", "to_tsvector('simple', :words)", texts),
        ):
            connection.execute(text(f"CREATE TABLE {name} (id bigint PRIMARY KEY, words tsvector)"))
            rows = [{"id": row, "words": one} for row, one in enumerate(given, 1)]
            connection.execute(text(f"INSERT INTO {name} VALUES (:id, {filed})"), rows)
            connection.execute(text(f"CREATE INDEX ON {name} USING gin (words)"))
            connection.execute(text(f"ANALYZE {name}"))

        def ours(query: str) -> Sequence[Sequence[int]]:
            asked = " & ".join(f"'{one.word}'{':*' * one.is_prefix}" for one in query_words(query))
            find = text("SELECT id FROM ours WHERE words @@ CAST(:asked AS tsquery)")
            return [tuple(row) for row in connection.execute(find, {"asked": asked})]

        def plain(query: str) -> Sequence[Sequence[int]]:
            find = text("SELECT id FROM plain WHERE words @@ phraseto_tsquery('simple', :asked)")
            return [tuple(row) for row in connection.execute(find, {"asked": query})]

        return {"our words in a tsvector": _answers(ours), "PostgreSQL's parser": _answers(plain)}
